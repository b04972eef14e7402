"""The gates of pictures, from one forward pass: which ReLUs are open on them, and what flows on.

Source: definitions.md section 9. With a picture's gates frozen, the trunk is affine in what flows on from any layer.

Axes: N pictures, C channels, H and W positions of a map, h and w of a support. Maps are channels last, [N, H, W, C].
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ingest.expansion.descent import Route
from ingest.expansion.expanded_weights import pool_of
from ingest.network.layers import Layer, parse_address
from ingest.network.trunk import Trunk, forward


class Batches(Protocol):
    """Images by the number of their batch."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Tensor: ...


GATED_OPS = (1, 3, 6, 8)  # a ReLU follows 1 and 3, and makes 6 and 8
PICTURES_AT_ONCE = 4  # fixed, because the last bit of a sum depends on the batches


@dataclass(frozen=True)
class FrozenPass:
    """What is kept of one forward pass of N pictures.

    gates: whether each ReLU is open, bool [N, H, W, C], by the layer that it follows (1, 3) or makes (6, 8).
    flows: what flows on from the requested layers, [N, H, W, C]: after the ReLU for 1 and 3, the stored tensor for the
    others.
    """

    gates: dict[str, Tensor]
    flows: dict[str, Tensor]

    @property
    def picture_count(self) -> int:
        return len(next(iter(self.gates.values())))


def freeze(trunk: Trunk, images: Tensor, layer_names: Collection[str] = ()) -> FrozenPass:
    """Gates of images [N, 3, H, W], and what flows on from the named layers."""
    gates, flows = {}, {}
    with torch.no_grad():
        for name, maps in forward(trunk, images):
            laid = maps.permute(0, 2, 3, 1)
            op_index = parse_address(name)[2]
            if op_index in GATED_OPS:
                gates[name] = (laid > 0).contiguous()
            if name in layer_names:
                flows[name] = laid.clamp(min=0) if op_index in (1, 3) else laid.clone()
    return FrozenPass(gates, flows)


@dataclass(frozen=True)
class ShownPictures:
    """Pictures that can be shown repeatedly, PICTURES_AT_ONCE in each batch [n, 3, H, W] except the last."""

    trunk: Trunk
    batches: Batches

    def passes(self, layer_names: Collection[str] = (), batches: range | None = None) -> Iterator[FrozenPass]:
        """What is kept of all pictures, or of some batches of them."""
        chosen = range(len(self.batches)) if batches is None else batches
        return (freeze(self.trunk, self.batches[index], layer_names) for index in chosen)

    def means(self, layer_names: Collection[str]) -> dict[str, Tensor]:
        """Mean over pictures and positions of what flows on from each named layer, [C] in the trunk's dtype."""
        sums: dict[str, Tensor] = {}
        count = 0
        for shown in self.passes(layer_names):
            count += shown.picture_count
            for name, flow in shown.flows.items():
                sums[name] = sums.get(name, 0) + flow.mean((1, 2), dtype=torch.float64).sum(0)
        return {name: (total / count).to(self.trunk.dtype) for name, total in sums.items()}


def cropped_gates(shown: FrozenPass, route: Route) -> dict[str, Tensor]:
    """The gates on a route, on its supports, as 0 and 1 in the trunk's dtype: [N, h, w, C] by layer.

    With the upper layer's own gate, which counts where the descent begins with its whole map.
    """
    upper = route.path.upper.layer_name
    passed = {name: support for name, support in route.path.supports.items() if not route.is_over(name)}
    return {
        name: support.of(shown.gates[name]).to(route.trunk.dtype).contiguous()
        for name, support in ({upper: route.path.centre} | passed).items()
        if name in shown.gates
    }


def deviation(flow: Tensor, value: Tensor, route: Route, lower: Layer) -> Tensor:
    """What flows on [N, H, W, C] minus `value` [C], on the lower layer's support: [N, h, w, C].

    Averaged over the cells of the pool after an index 3, because the descent keeps its map pooled.
    """
    less = route.path.supports[lower.layer_name].of(flow) - value
    pool = pool_of(route.trunk, lower)
    if pool == 1:
        return less.contiguous()
    return F.avg_pool2d(less.permute(0, 3, 1, 2), pool).permute(0, 2, 3, 1).contiguous()
