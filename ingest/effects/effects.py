"""Linear, gated and real effects of replacing lower units, on pictures (definitions.md section 10).

A lower unit is replaced at all positions by a value v; an effect is what an upper unit's read-out then is, less what it
was. Linear: sum over positions of E (v - a). Gated: the same with the picture's own J. Real: from a run of the real
network from the lower layer on, nothing below it run again.

Axes: U upper channels, N pictures, K replaced lower channels, H and W positions of a map, h and w of a support.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from ingest.expansion.descent import Descent, Route
from ingest.expansion.expanded_weights import exact, in_shares
from ingest.expansion.gated_sweep import Take, walk
from ingest.expansion.gates import FrozenPass, deviation
from ingest.network.layers import Layer
from ingest.network.trunk import Trunk, forward_from, other_summand

Channels = Mapping[str, Sequence[int]]  # replaced channels of each lower layer


def linear_effects(
    route: Route, flows: Mapping[str, Tensor], values: Mapping[str, Tensor], replaced: Channels
) -> dict[str, Tensor]:
    """Effects [U, N, K] on all channels of the route's upper layer by lower layer, every ReLU open.

    flows: what flows on from the replaced channels alone, [N, H, W, K]; values [K].
    """
    changes = {name: _changes(route, name, flows[name], values[name]) for name in replaced}
    count = route.path.upper.channel_count
    found = {name: _empty(change, count, change.shape[0], change.shape[3]) for name, change in changes.items()}

    def share_of(share: slice) -> None:
        with torch.no_grad():
            for names, rows, maps in Descent(route, range(count)[share]).visits():
                for name in changes.keys() & names:
                    kernels = maps[..., replaced[name]].flatten(1, 2).permute(2, 0, 1)  # [K, U, P]
                    factors = changes[name].flatten(1, 2).permute(2, 1, 0)  # [K, P, N]
                    place = slice(share.start + rows.start, share.start + rows.stop)
                    found[name][place] = torch.bmm(kernels, factors).permute(1, 2, 0)

    with exact(tf32=False):
        in_shares(route.trunk.device, count, share_of)
    return found


def gated_effects(
    route: Route, shown: FrozenPass, values: Mapping[str, Tensor], replaced: Channels
) -> dict[str, Tensor]:
    """Effects [U, N, K] with the gates of N pictures; values [K]. `shown` must hold the flows of the lower layers."""
    count = route.path.upper.channel_count
    changes = {
        name: _changes(route, name, shown.flows[name][..., channels], values[name])
        for name, channels in replaced.items()
    }
    found = {name: _empty(change, count, change.shape[0], change.shape[3]) for name, change in changes.items()}

    def take_of(name: str) -> Take:
        def take(rows: slice, maps: Tensor) -> None:
            found[name][rows] = (maps[..., replaced[name]] * changes[name]).sum((2, 3))

        return take

    walk(route, shown, range(count), {name: take_of(name) for name in changes})
    return found


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

    shown: must hold the flows of `lower` and of its other summand (trunk.other_summand); values [K]. A run shows about
    rows_at_once pictures: those with a channel replaced, and first the pictures as they are, so that rounding cancels.
    """
    flow = shown.flows[lower.layer_name]
    count = shown.picture_count
    summand = other_summand(trunk, lower.layer_name)
    other = None if summand is None else shown.flows[summand].permute(0, 3, 1, 2)
    size = max(1, rows_at_once // count - 1)
    parts = []
    with exact(tf32=False):
        for start in range(0, len(channels), size):
            some = list(channels[start : start + size])
            maps = flow.repeat(len(some) + 1, 1, 1, 1, 1)  # [1 + K, N, H, W, C], the first as it is
            for place, channel in enumerate(some):
                maps[1 + place, ..., channel] = values[start + place]
            read = read_outs(trunk, lower.layer_name, maps.flatten(0, 1).permute(0, 3, 1, 2), other, uppers)
            parts.append({name: _less_the_first(values, count) for name, values in read.items()})
    return {name: torch.cat([part[name] for part in parts], 2) for name in uppers}


def read_outs(
    trunk: Trunk, lower: str, maps: Tensor, other: Tensor | None, uppers: Collection[str]
) -> dict[str, Tensor]:
    """Read-outs [R, U] of the upper layers of a run that goes on from maps [R, C, H, W] of `lower`."""
    read: dict[str, Tensor] = {}
    for name, found in forward_from(trunk, lower, maps, other):
        if name in uppers:
            height, width = found.shape[2:]
            read[name] = found[:, :, (height - 1) // 2, (width - 1) // 2].clone()
        if len(read) == len(uppers):
            break
    return read


def _less_the_first(read: Tensor, picture_count: int) -> Tensor:
    """Read-outs [(1 + K) * N, U] -> [U, N, K]."""
    rows = read.unflatten(0, (-1, picture_count))
    return (rows[1:] - rows[0]).permute(2, 1, 0)


def _changes(route: Route, name: str, flow: Tensor, value: Tensor) -> Tensor:
    return -deviation(flow, value, route, route.path.layers[name])


def _empty(like: Tensor, *shape: int) -> Tensor:
    return like.new_empty(shape)
