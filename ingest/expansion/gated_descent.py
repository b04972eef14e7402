"""The way down with the gates of pictures: the descent of ingest.expansion.descent, each map multiplied by its gates.

Axes: U upper channels, N pictures, L lower channels, h and w positions of a support. Maps are [U * N, h, w, L] inside,
and [U, N, h, w, L] where they are yielded.

The derivative is with respect to what flows on (definitions.md section 9), so at each layer it is taken before the next
ReLU on the way down:

- at a bottleneck's output before its own gate, at index 5 and 7 after that gate;
- at index 1 and 3 before their gates; index 3 is kept pooled, as its derivative is constant over a cell of the pool;
- between index 3 and 1 at full size: a gate lies between conv2 and its pool, so these two are not one kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from ingest.expansion.descent import Route, Visit, Way, through_1x1, through_3x3, unpooled


class GatedDescent(Way):
    """Ways down a route with the gates of N pictures frozen.

    gates: from gates.cropped_gates, for this route. A visit is (names that share a map, rows of the upper channels, map
    [U, N, h, w, L]).
    """

    def __init__(self, route: Route, gates: Mapping[str, Tensor], picture_count: int) -> None:
        super().__init__(route)
        self.gates, self.picture_count = gates, picture_count

    def from_units(self, channels: Sequence[int]) -> Iterator[Visit]:
        """From read-outs: some channels of the upper layer at its centre, before their own ReLU."""
        path, trunk = self.route.path, self.route.trunk
        rows, index = slice(0, len(channels)), path.bottleneck_index
        chosen = torch.tensor(list(channels), device=trunk.device)
        if path.upper.op_index == 5:
            conv3 = self.bottlenecks[index].conv3.weight[chosen].permute(0, 2, 3, 1)
            return self._handed_out(self._below_pool(index, rows, self._for_each_picture(conv3), None))
        eye = torch.eye(path.upper.channel_count, dtype=trunk.dtype, device=trunk.device)
        seed = self._for_each_picture(eye[chosen][:, None, None])
        if path.upper.op_index == 1:
            return self._handed_out(self._below_conv1(index, rows, seed, None))
        if path.upper.op_index == 3:
            return self._handed_out(self._below_conv2(index, rows, seed, None))
        if path.upper.op_index == 7:
            return self._handed_out(self._output(index - 1, rows, self._shortcut(index, seed)))
        return self._handed_out(self._sum(index, rows, seed))

    def from_map(self, seed: Tensor) -> Iterator[Visit]:
        """From derivatives [U, N, h, w, O] with respect to the upper layer, a bottleneck's output, after its ReLU.

        The route's path must begin with the `whole` upper map. The output itself is the first visit.
        """
        rows, maps = slice(0, len(seed)), seed.flatten(0, 1).clone()
        return self._handed_out(self._output(self.route.path.bottleneck_index, rows, maps))

    def _handed_out(self, visits: Iterator[Visit]) -> Iterator[Visit]:
        return ((names, rows, maps.unflatten(0, (-1, self.picture_count))) for names, rows, maps in visits)

    def _output(self, index: int, rows: slice, maps: Tensor) -> Iterator[Visit]:
        """maps: to a bottleneck's output, after its last ReLU."""
        name, count = self.bottlenecks[index].output_name, self.picture_count
        size = max(1, self.route.rows_at_once(index) // count)
        for start in range(0, rows.stop - rows.start, size):
            part = maps[start * count : (start + size) * count]
            part_rows = slice(rows.start + start, rows.start + start + len(part) // count)
            yield (name,), part_rows, part
            if not self.route.is_over(name):
                yield from self._sum(index, part_rows, self._gated(name, part))

    def _sum(self, index: int, rows: slice, maps: Tensor) -> Iterator[Visit]:
        """maps: to the sum before a bottleneck's last ReLU, and so to both summands."""
        bottleneck = self.bottlenecks[index]
        names = tuple(bottleneck.address(op) for op in ((5,) if bottleneck.downsample is None else (7, 5)))
        yield names, rows, maps
        if not self.route.is_over(names[-1]):
            weight = bottleneck.conv3.weight
            pooled = self._room("pooled", (*maps.shape[:3], weight.shape[1]))
            yield from self._below_pool(index, rows, through_1x1(maps, weight, pooled), maps)

    def _below_pool(self, index: int, rows: slice, pooled: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """pooled: to conv3's input; output: to the bottleneck's sum, None without a shortcut."""
        bottleneck = self.bottlenecks[index]
        name = bottleneck.address(3)
        yield (name,), rows, pooled
        if not self.route.is_over(name):
            maps = pooled
            if bottleneck.stride > 1:
                source, target = self.route.support_at(index), self.route.path.supports[name]
                room = self._room("unpooled", (len(pooled), target.height, target.width, pooled.shape[3]))
                maps = unpooled(pooled, bottleneck.stride, source, target, room)
            yield from self._below_conv2(index, rows, self._gated(name, maps), output)

    def _below_conv2(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv2's output, on its own support."""
        bottleneck, path = self.bottlenecks[index], self.route.path
        name = bottleneck.address(1)
        source, target = path.supports.get(bottleneck.address(3), path.centre), path.supports[name]
        maps = through_3x3(maps, bottleneck.conv2.weight, 1, source, target)
        yield (name,), rows, maps
        if not self.route.is_over(name):
            yield from self._below_conv1(index, rows, self._gated(name, maps), output)

    def _below_conv1(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv1's output."""
        onto = None if output is None else self._shortcut(index, output)
        weight = self.bottlenecks[index].conv1.weight
        yield from self._output(index - 1, rows, through_1x1(maps, weight, onto, add=output is not None))

    def _gated(self, name: str, maps: Tensor) -> Tensor:
        """Maps [U * N, h, w, C] multiplied by the gates of a ReLU, in place."""
        maps.unflatten(0, (-1, self.picture_count)).mul_(self.gates[name])
        return maps

    def _for_each_picture(self, seed: Tensor) -> Tensor:
        return seed.repeat_interleave(self.picture_count, 0)
