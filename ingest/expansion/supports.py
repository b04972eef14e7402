"""Supports: the positions of a lower layer's map that reach an upper unit's centre (definitions.md section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ingest.network.layers import Layer, layers_of, parse_address
from ingest.network.trunk import Bottleneck, Trunk
from warehouse.errors import NoPath, UnknownLayer

# upper op index -> op indices of its own bottleneck below it, in backward running order
_BELOW = {1: (), 3: (1,), 5: (3, 1), 6: (5, 3, 1), 7: (), 8: (7, 5, 3, 1)}


@dataclass(frozen=True)
class Support:
    """A rectangle of positions of one map, clipped to the map.

    is_truncated: whether it reached into zero padding, at this map or at one between it and the upper layer.
    """

    top: int
    left: int
    height: int
    width: int
    is_truncated: bool = False

    @property
    def cell_count(self) -> int:
        """Positions in it. All are reached: shortcuts reach no further than 3x3 convolutions, so there are no holes."""
        return self.height * self.width

    def of(self, maps: Tensor) -> Tensor:
        """The support's part of maps [..., H, W, C], a view."""
        return maps[..., self.top : self.top + self.height, self.left : self.left + self.width, :]

    def spread(self, stride: int) -> Support:
        """The positions that an average pool of size `stride` reads to make these."""
        return Support(
            self.top * stride, self.left * stride, self.height * stride, self.width * stride, self.is_truncated
        )

    def grown(self, map_height: int, map_width: int) -> Support:
        """The positions that a 3x3 convolution, padded by one, reads to make these: one more ring, within the map."""
        top, left = max(self.top - 1, 0), max(self.left - 1, 0)
        bottom, right = min(self.top + self.height + 1, map_height), min(self.left + self.width + 1, map_width)
        is_whole = (bottom - top, right - left) == (self.height + 2, self.width + 2)
        return Support(top, left, bottom - top, right - left, self.is_truncated or not is_whole)


@dataclass(frozen=True)
class LayerPath:
    """An upper layer and everything below it: supports by lower layer's name, the nearest lower layer first.

    centre: where the upper layer is read; its whole map if the descent begins with a map.
    """

    upper: Layer
    centre: Support
    bottleneck_index: int
    layers: dict[str, Layer]
    supports: dict[str, Support]

    def lower_layers(self, names: Sequence[str] | None) -> tuple[Layer, ...]:
        """The named lower layers, or all, the nearest first.

        Raises UnknownLayer for a layer that the model does not have, NoPath for one that does not reach the upper.
        """
        for name in names or ():
            if name not in self.layers:
                raise UnknownLayer(name, list(self.layers))
            if name not in self.supports:
                raise NoPath(name, self.upper.layer_name, list(self.supports))
        return tuple(self.layers[name] for name in self.supports if names is None or name in names)


def path_below(trunk: Trunk, upper: str, *, whole: bool = False) -> LayerPath:
    """Every lower layer that reaches the centre of `upper` (its `whole` map), with its support. Raises UnknownLayer."""
    layers = {layer.layer_name: layer for layer in layers_of(trunk)}
    if upper not in layers:
        raise UnknownLayer(upper, list(layers))
    addresses = [(bottleneck.block_index, bottleneck.bottleneck_index) for bottleneck in trunk.bottlenecks]
    *address, op_index = parse_address(upper)
    position = addresses.index(tuple(address))  # type: ignore[arg-type]
    supports: dict[str, Support] = {}
    begin = support = whole_of(layers[upper]) if whole else centre_of(layers[upper])
    for bottleneck in reversed(trunk.bottlenecks[: position + 1]):
        if bottleneck is not trunk.bottlenecks[position]:
            op_index = bottleneck.output_op
            supports[bottleneck.output_name] = support
        inside, support = _inside(bottleneck, op_index, support, layers[bottleneck.address(1)])
        supports |= inside
    return LayerPath(layers[upper], begin, position, layers, supports)


def centre_of(layer: Layer) -> Support:
    """The one position at which an upper unit is read."""
    return Support((layer.map_height - 1) // 2, (layer.map_width - 1) // 2, 1, 1)


def whole_of(layer: Layer) -> Support:
    return Support(0, 0, layer.map_height, layer.map_width)


def _inside(
    bottleneck: Bottleneck, op_index: int, support: Support, first: Layer
) -> tuple[dict[str, Support], Support]:
    """Supports in the layers of one bottleneck below op `op_index`, and in the bottleneck's input."""
    conv2 = support if op_index in (1, 3) else support.spread(bottleneck.stride)
    conv1 = conv2.grown(first.map_height, first.map_width) if op_index not in (1, 7) else conv2
    by_op = {7: support, 5: support, 3: conv2, 1: conv1}
    return {bottleneck.address(below): by_op[below] for below in _BELOW[op_index]}, conv1
