"""Gated expanded weights: how every lower unit drives an upper unit's centre on pictures, with their gates.

J[u, l, y, x] of a picture is the derivative of upper unit u's read-out with respect to what flows on from lower unit l
at (y, x), the picture's gates frozen. Gated expanded weights are its mean over pictures; the effect of a connection on
a picture is the sum over positions of J times (what flows on minus what replaces it), see definitions.md sections 9
and 10.

Axes: U upper channels, N pictures, L lower channels, P positions of a support, h and w its height and width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ingest.expansion.descent import Route, Visit
from ingest.expansion.expanded_weights import (
    Kernels,
    Measured,
    PairBlock,
    Record,
    Sweep,
    check_channels,
    exact,
    in_shares,
    part_bytes,
    pool_of,
    reduced,
    repeated,
)
from ingest.expansion.gated_descent import GatedDescent
from ingest.expansion.gates import FrozenPass, ShownPictures, cropped_gates, deviation
from ingest.expansion.supports import LayerPath, Support, path_below
from ingest.network.device import ReadBack
from ingest.network.layers import Layer
from ingest.network.numba_loops import compiled_freely
from ingest.network.trunk import Trunk

GATED_BLOCK_BYTES = 1 << 30  # of a block's mean maps, which are kept until the last picture

# called with rows of the upper channels and J [U, N, h, w, L] of a lower layer, from several threads, each row once
Take = Callable[[slice, Tensor], None]


class GatedSweep(Sweep):
    """A Sweep on pictures: it measures means over them, and the effects of connections on them.

    values: what replaces each lower unit, [L] by layer name; zero for layers that are not named.
    """

    def __init__(
        self,
        pictures: ShownPictures,
        upper: str,
        lowers: Sequence[str] | None = None,
        *,
        values: Mapping[str, Tensor] | None = None,
        kernel_count: int = 0,
        tf32: bool = False,
    ) -> None:
        """lowers: layer names, or None for all that reach `upper`. Raises UnknownLayer and NoPath."""
        super().__init__(pictures.trunk, upper, lowers, kernel_count=kernel_count, tf32=tf32)
        self.pictures, self.values = pictures, values or {}

    def begin(self, channels: range) -> Measured:
        """Like Sweep.begin, for the mean of J, with effect_mean and effect_absolute_mean.

        Memory: the mean of J at every position, so take few channels at once (gated_block_channels).
        """
        check_channels(self.path.upper, channels)
        means = {layer.layer_name: _Mean(self, layer, len(channels)) for layer in self.lowers}
        count = 0
        for shown in self.pictures.passes(list(means)) if means else ():
            count += shown.picture_count
            for mean in means.values():
                mean.show(shown)
            takes = {name: mean.take for name, mean in means.items()}
            walk(self.route, shown, channels, takes, tf32=self.tf32)
        begun = [mean.read_back(channels, count) for mean in means.values()]
        return lambda: tuple(block.wait() for block in begun)

    def kernels(
        self, lower: str, upper_channels: range | None = None, lower_channels: Sequence[int] | None = None
    ) -> Kernels:
        """Gated expanded weights at every position, of one of the lower layers; see expanded_weights."""
        layer, channels, chosen = self.chosen(lower, upper_channels, lower_channels)
        support, pool, count = self.path.supports[lower], pool_of(self.trunk, layer), 0
        weights = self.empty(len(channels), support.height // pool, support.width // pool, len(chosen)).zero_()

        def take(rows: slice, maps: Tensor) -> None:
            weights[rows] += maps[..., chosen].sum(1)

        for shown in self.pictures.passes():
            count += shown.picture_count
            walk(self.route, shown, channels, {lower: take}, tf32=self.tf32)
        means = repeated(weights / count, pool).permute(0, 3, 1, 2)
        return Kernels(self.path.upper, layer, channels, tuple(chosen), support, means.cpu().numpy())


def gated_block_channels(supports: Mapping[str, Support], lowers: Sequence[Layer]) -> int:
    """How many upper channels at once keep their mean maps, in float32, within GATED_BLOCK_BYTES."""
    values = sum(supports[layer.layer_name].cell_count * layer.channel_count for layer in lowers)
    return max(1, GATED_BLOCK_BYTES // (4 * values))


def walk(route: Route, shown: FrozenPass, channels: range, takes: Mapping[str, Take], *, tf32: bool = False) -> None:
    """Call each of `takes` with J of its layer, for some channels of the upper layer on N pictures.

    An index 3 before a pool of size s comes pooled: the true map is each value / s^2, repeated s times along h and w.
    A map is valid only until the call returns.
    """
    gates = cropped_gates(shown, route)

    def walk_share(share: slice) -> None:
        with torch.no_grad():
            descent = GatedDescent(route, gates, shown.picture_count)
            for names, rows, maps in descent.from_units(channels[share]):
                for name in takes.keys() & names:
                    takes[name](slice(share.start + rows.start, share.start + rows.stop), maps)

    with exact(tf32):
        in_shares(route.trunk.device, len(channels), walk_share)


def unit_derivatives(
    trunk: Trunk, shown: FrozenPass, upper: str, channels: Sequence[int], lowers: Sequence[str] | None = None
) -> Iterator[tuple[str, slice, Tensor]]:
    """How read-outs of some channels of `upper` depend on each lower layer, with the pictures' gates frozen.

    Yields (layer name, rows of the channels, J [U, N, H, W, L] on the whole map) from the top down; a layer comes once
    or, where maps are large, in several parts with other rows. lowers: None for all. Raises UnknownLayer and NoPath.
    """
    route, names = _route(trunk, path_below(trunk, upper), lowers)
    descent = GatedDescent(route, cropped_gates(shown, route), shown.picture_count)
    return _on_whole_maps(route, names, descent.from_units(channels))


def derivatives(
    trunk: Trunk, shown: FrozenPass, upper: str, seed: Tensor, lowers: Sequence[str] | None = None
) -> Iterator[tuple[str, slice, Tensor]]:
    """The same for any targets above `upper`, a bottleneck's output.

    seed: derivatives [U, N, H, W, O] of U targets with respect to `upper` after its ReLU, on its whole map.
    """
    route, names = _route(trunk, path_below(trunk, upper, whole=True), lowers)
    descent = GatedDescent(route, cropped_gates(shown, route), shown.picture_count)
    return _on_whole_maps(route, names, descent.from_map(seed))


def _route(trunk: Trunk, path: LayerPath, lowers: Sequence[str] | None) -> tuple[Route, set[str]]:
    below = [layer.layer_name for layer in path.lower_layers(lowers)]
    return Route(trunk, path, below[-1], part_bytes(trunk.device)), set(below)


def _on_whole_maps(route: Route, wanted: set[str], visits: Iterator[Visit]) -> Iterator[tuple[str, slice, Tensor]]:
    while True:
        with exact(tf32=False):  # not around a yield: the caller keeps its own settings between two visits
            visit = next(visits, None)
            if visit is None:
                return
            names, rows, maps = visit
            found = [(name, rows, _on_whole_map(route, route.path.layers[name], maps)) for name in wanted & {*names}]
        yield from found


def _on_whole_map(route: Route, layer: Layer, maps: Tensor) -> Tensor:
    """J [U, N, h, w, L] on a support, as the descent keeps it -> [U, N, H, W, L]."""
    support = route.path.supports[layer.layer_name]
    whole = maps.new_zeros(*maps.shape[:2], layer.map_height, layer.map_width, layer.channel_count)
    support.of(whole).copy_(repeated(maps.flatten(0, 1), pool_of(route.trunk, layer)).unflatten(0, maps.shape[:2]))
    return whole


def effects(maps: Tensor, deviations: Tensor, buffer: Tensor) -> Tensor:
    """Sums over positions of J [U, N, h, w, L] times deviations [N, h, w, L] -> [U, N, L].

    In chunks of the size of `buffer`, summed by matrix products, like expanded_weights.reduced.
    """
    flat, factors = maps.flatten(2, 3), deviations.flatten(1, 2)
    units, pictures, cells, channels = flat.shape
    found = maps.new_zeros(units * pictures, 1, channels)
    size = min(max(1, len(buffer) // (pictures * channels)), cells)  # positions of a unit in a chunk
    count = min(max(1, len(buffer) // (pictures * channels * size)), units)
    ones = maps.new_ones(1, 1, 1).expand(count * pictures, 1, size)
    for start in range(0, units, count):
        for first in range(0, cells, size):
            chunk = flat[start : start + count, :, first : first + size]
            room = buffer[: chunk.numel()].view(chunk.shape)
            torch.mul(chunk, factors[:, first : first + size], out=room)
            rows = room.flatten(0, 1)
            found[start * pictures : start * pictures + len(rows)].baddbmm_(ones[: len(rows), :, : rows.shape[1]], rows)
    return found.view(units, pictures, channels)


class _Mean:
    """What pictures, a few at a time, leave behind of one lower layer for a block of upper channels."""

    def __init__(self, sweep: GatedSweep, lower: Layer, count: int) -> None:
        self.sweep, self.lower = sweep, lower
        support, pool = sweep.path.supports[lower.layer_name], pool_of(sweep.trunk, lower)
        shape = count, support.height // pool, support.width // pool, lower.channel_count
        self.sums = sweep.empty(*shape).zero_()
        self.effects = sweep.empty(2, count, lower.channel_count).zero_()
        self.deviations = self.sums[:0]

    def show(self, shown: FrozenPass) -> None:
        """Use these pictures for the next calls of `take`."""
        name = self.lower.layer_name
        flow = shown.flows[name]
        value = self.sweep.values.get(name, flow.new_zeros(flow.shape[3]))
        self.deviations = deviation(flow, value, self.sweep.route, self.lower)

    def take(self, rows: slice, maps: Tensor) -> None:
        if maps.is_cpu and maps.dtype in (torch.float32, torch.float64):
            self._take_here(rows, maps)
            return
        self.sums[rows] += maps.sum(1)
        found = effects(maps, self.deviations, self.sweep.buffer())
        self.effects[0, rows] += found.sum(1)
        self.effects[1, rows] += found.abs().sum(1)

    def _take_here(self, rows: slice, maps: Tensor) -> None:
        """The same with every value read once: torch would read them three times, a fifth of the sweep's time."""
        _take(
            maps.flatten(2, 3).numpy(),
            self.deviations.flatten(1, 2).numpy(),
            self.sums[rows].flatten(1, 2).numpy(),
            self.effects[0, rows].numpy(),
            self.effects[1, rows].numpy(),
            np.empty((maps.shape[1], maps.shape[4])),
        )

    def read_back(self, channels: range, count: int) -> ReadBack[PairBlock]:
        record = Record(self.sweep, self.lower, channels)
        means, rows = self.sums.div_(count), slice(0, len(channels))
        record.take(rows, means, reduced(means, self.sweep.buffer()))
        return record.read_back(self.effects / count)


@compiled_freely
def _take(maps, deviations, sums, effect_sums, absolute_sums, effects):  # type: ignore[no-untyped-def]
    """Add maps [U, N, P, L] over N to sums [U, P, L], and their effects to effect_sums and absolute_sums [U, L].

    deviations [N, P, L]; effects [N, L] is room for those of one upper unit.
    """
    units, pictures, cells, channels = maps.shape
    for u in range(units):
        effects[:] = 0
        for p in range(cells):
            for n in range(pictures):
                for c in range(channels):
                    weight = maps[u, n, p, c]
                    sums[u, p, c] += weight
                    effects[n, c] += weight * deviations[n, p, c]
        for n in range(pictures):
            for c in range(channels):
                effect_sums[u, c] += effects[n, c]
                absolute_sums[u, c] += abs(effects[n, c])
