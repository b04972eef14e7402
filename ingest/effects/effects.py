"""Linear, gated and real effects of replacing lower units, on pictures (definitions.md section 10).

A lower unit is replaced at all positions by a value v; an effect is an upper unit's read-out after minus before.
Linear: sum over positions of E (v - a). Gated: the same with the picture's own J. Real: from a run of the real network
from the lower layer on; nothing below it is run again. The run carries changes, so pictures may be shown in float64 to
a trunk in float32: where a map hardly varies, v - a keeps its digits.

Axes: U upper channels, N pictures, K replaced lower channels, H and W positions of a map, h and w of a support.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import torch
from torch import Tensor

from ingest.expansion.descent import Descent, Route
from ingest.expansion.expanded_weights import exact, in_shares
from ingest.expansion.gated_sweep import Take, walk
from ingest.expansion.gates import FrozenPass, deviation
from ingest.network.layers import Layer
from ingest.network.trunk import Relu, Trunk, forward_from, other_summand

Channels = Mapping[str, Sequence[int]]  # replaced channels of each lower layer


def linear_effects(
    route: Route, flows: Mapping[str, Tensor], values: Mapping[str, Tensor], replaced: Channels
) -> dict[str, Tensor]:
    """Effects [U, N, K] on all channels of the route's upper layer by lower layer, every ReLU open.

    flows: what flows on from the replaced channels alone, [N, H, W, K]; values [K].
    """
    changes = {name: _changes(route, name, flows[name], values[name]) for name in replaced}
    count = route.path.upper.channel_count
    effects_of = {name: _empty(change, count, change.shape[0], change.shape[3]) for name, change in changes.items()}

    def share_of(share: slice) -> None:
        with torch.no_grad():
            for names, rows, maps in Descent(route, range(count)[share]).visits():
                for name in changes.keys() & names:
                    kernels = maps[..., replaced[name]].flatten(1, 2).permute(2, 0, 1)  # [K, U, P]
                    factors = changes[name].flatten(1, 2).permute(2, 1, 0)  # [K, P, N]
                    place = slice(share.start + rows.start, share.start + rows.stop)
                    effects_of[name][place] = torch.bmm(kernels, factors).permute(1, 2, 0)

    with exact(tf32=False):
        in_shares(route.trunk.device, count, share_of)
    return effects_of


def gated_effects(
    route: Route, shown: FrozenPass, values: Mapping[str, Tensor], replaced: Channels
) -> dict[str, Tensor]:
    """Effects [U, N, K] with the gates of N pictures; values [K]. `shown` must hold the flows of the lower layers."""
    count = route.path.upper.channel_count
    changes = {
        name: _changes(route, name, shown.flows[name][..., channels], values[name])
        for name, channels in replaced.items()
    }
    effects_of = {name: _empty(change, count, change.shape[0], change.shape[3]) for name, change in changes.items()}

    def take_of(name: str) -> Take:
        def take(rows: slice, maps: Tensor) -> None:
            effects_of[name][rows] = (maps[..., replaced[name]] * changes[name]).sum((2, 3))

        return take

    walk(route, shown, range(count), {name: take_of(name) for name in changes})
    return effects_of


def real_effects(
    trunk: Trunk,
    shown: FrozenPass,
    lower: Layer,
    channels: Sequence[int],
    values: Tensor,
    uppers: Collection[str],
    *,
    rows_at_once: int,
) -> dict[str, Tensor]:
    """Effects [U, N, K] on all channels of each upper layer, from runs of the real network from `lower` on.

    shown: must hold the flows of `lower` and of its other summand (trunk.other_summand); values [K]. A run carries
    about rows_at_once changes of pictures, not pictures: a small effect then keeps its digits beside a large read-out.
    """
    flow = shown.flows[lower.layer_name]
    size = max(1, rows_at_once // shown.picture_count)
    bare = trunk.without_shifts()
    parts = []
    with exact(tf32=False):
        relu = _relu_of_changes(trunk, shown, lower, uppers)
        for start in range(0, len(channels), size):
            some = list(channels[start : start + size])
            changes = flow.new_zeros(len(some), *flow.shape, dtype=trunk.dtype)
            for place, channel in enumerate(some):
                changes[place, ..., channel] = values[start + place] - flow[..., channel]
            read = read_outs(forward_from(bare, lower.layer_name, _as_maps(changes), relu=relu), uppers)
            parts.append(
                {name: effects_of.unflatten(0, (-1, shown.picture_count)) for name, effects_of in read.items()}
            )
    return {name: torch.cat([part[name] for part in parts]).permute(2, 1, 0) for name in uppers}


def _relu_of_changes(trunk: Trunk, shown: FrozenPass, lower: Layer, uppers: Collection[str]) -> Relu:
    """How a change of K copies of the pictures passes each ReLU above a layer: relu(x + change) - relu(x).

    Written without a subtraction: the change where both are positive, the rest of it where one is not.
    """
    flow, summand = shown.flows[lower.layer_name].to(trunk.dtype), other_summand(trunk, lower.layer_name)
    other = None if summand is None else shown.flows[summand].to(trunk.dtype).permute(0, 3, 1, 2)
    bounds: dict[str, tuple[Tensor, Tensor]] = {}
    waiting = set(uppers)
    for name, maps in forward_from(trunk, lower.layer_name, flow.clone().permute(0, 3, 1, 2), other):
        bounds[name] = maps.clamp(max=0), -maps.clamp(min=0)
        waiting.discard(name)
        if not waiting:
            break

    def relu(name: str, changes: Tensor) -> Tensor:
        below, least = bounds[name]
        copies = changes.unflatten(0, (-1, shown.picture_count))
        torch.maximum(copies.add_(below), least, out=copies)
        return changes

    return relu


def read_outs(run: Iterable[tuple[str, Tensor]], uppers: Collection[str]) -> dict[str, Tensor]:
    """Read-outs [R, U] of the upper layers of a run (trunk.forward_from) of R pictures, which then ends."""
    read: dict[str, Tensor] = {}
    for name, effects_of in run:
        if name in uppers:
            height, width = effects_of.shape[2:]
            read[name] = effects_of[:, :, (height - 1) // 2, (width - 1) // 2].clone()
        if len(read) == len(uppers):
            break
    return read


def _as_maps(changes: Tensor) -> Tensor:
    """[K, N, H, W, C] -> [K * N, C, H, W], where it lies."""
    return changes.flatten(0, 1).permute(0, 3, 1, 2)


def _changes(route: Route, name: str, flow: Tensor, value: Tensor) -> Tensor:
    return -deviation(flow, value, route, route.path.layers[name]).to(route.trunk.dtype)


def _empty(like: Tensor, *shape: int) -> Tensor:
    return like.new_empty(shape)
