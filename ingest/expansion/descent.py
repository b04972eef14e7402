"""The way down: expanded weights carried backwards through the bottlenecks, layer by layer.

Axes: U upper channels, L lower channels, O and I output and input channels of a convolution, h and w positions of a
support. Maps are channels last, [U, h, w, L], and hold the support only.

With every ReLU replaced by the identity the trunk is affine, so its derivative is a product of transposed
convolutions:

- 1x1 convolutions are matrix products over all positions at once;
- an average pool is folded into the 3x3 convolution before it (one transposed convolution of size s + 2 and stride
  s) and commutes with the 1x1 convolution after it, so no map is larger than necessary;
- a residual addition sums its two branches: the residual branch is added to the shortcut's map in place;
- indices 5 and 7 of a bottleneck are the summands of its output, so the three share one map;
- a block of upper channels is split as soon as its maps outgrow the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor

from ingest.expansion.supports import LayerPath, Support
from ingest.network.trunk import Trunk

# names of the lower layers that share a map, the rows of the block, their map [rows, h, w, L]
Visit = tuple[tuple[str, ...], slice, Tensor]


@dataclass(frozen=True)
class Route:
    """What all descents from one upper layer share. part_bytes bounds the largest map of a part."""

    trunk: Trunk
    path: LayerPath
    deepest: str
    part_bytes: int
    _pooled_kernels: dict[int, Tensor] = field(default_factory=dict)

    @cached_property
    def _depths(self) -> dict[str, int]:
        return {name: depth for depth, name in enumerate(self.path.supports)}

    def is_over(self, name: str) -> bool:
        """Whether no layer below this one is requested."""
        return name in self._depths and self._depths[name] >= self._depths[self.deepest]

    def conv2_kernel(self, index: int) -> tuple[Tensor, int]:
        """conv2 and its average pool as one kernel, with its stride; conv2 alone if the upper layer is between them."""
        bottleneck = self.trunk.bottlenecks[index]
        if bottleneck.stride == 1 or self.path.upper.layer_name == bottleneck.address(3):
            return bottleneck.conv2.weight, 1
        if index not in self._pooled_kernels:
            self._pooled_kernels[index] = pooled_kernel(bottleneck.conv2.weight, bottleneck.stride)
        return self._pooled_kernels[index], bottleneck.stride

    def support_at(self, index: int) -> Support:
        """Support at a bottleneck's output, or the one position where the descent begins inside that bottleneck."""
        if index == self.path.bottleneck_index:
            return self.path.centre
        return self.path.supports[self.trunk.bottlenecks[index].output_name]

    def rows_at_once(self, index: int) -> int:
        """How many upper channels keep a bottleneck's maps, and its input's, within part_bytes."""
        bottlenecks = self.trunk.bottlenecks[max(index - 1, 0) : index + 1]
        names = [bottleneck.output_name for bottleneck in bottlenecks] + [bottlenecks[-1].address(1)]
        values = max(self._value_count(name) for name in names if name in self.path.supports)
        return max(1, self.part_bytes // (values * self.trunk.dtype.itemsize))

    def _value_count(self, name: str) -> int:
        return self.path.supports[name].cell_count * self.path.layers[name].channel_count


class Way:
    """What every way down a route needs: memory that is reused, and the shortcuts.

    A visit's map is valid only until the next one is requested: the descent overwrites it. The map of an index 3
    before an average pool of size s is kept pooled: the true map is each value / s^2, repeated s times along h and w.
    """

    def __init__(self, route: Route) -> None:
        self.route, self.bottlenecks = route, route.trunk.bottlenecks
        self._rooms: dict[str, Tensor] = {}

    def _shortcut(self, index: int, maps: Tensor) -> Tensor:
        """The map to the bottleneck's input along the shortcut; `maps` itself where nothing changes."""
        bottleneck = self.bottlenecks[index]
        source, target = self.route.support_at(index), self.route.support_at(index - 1)
        if bottleneck.downsample is not None:
            maps = through_1x1(maps, bottleneck.downsample.weight)
        if bottleneck.stride == 1 and source == target:
            return maps
        room = self._room(bottleneck.output_name, (len(maps), target.height, target.width, maps.shape[3]))
        return unpooled(maps, bottleneck.stride, source, target, room)

    def _room(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """Memory that each part reuses: fresh pages would cost as much as the products written to them."""
        size = prod(shape)
        if name not in self._rooms or len(self._rooms[name]) < size:
            self._rooms[name] = self.bottlenecks[0].conv1.weight.new_empty(size)
        return self._rooms[name][:size].view(shape)


class Descent(Way):
    """A block of upper channels, from a route's upper layer down to its layer `deepest`, with every ReLU open."""

    def __init__(self, route: Route, channels: range) -> None:
        super().__init__(route)
        self.channels = channels

    def visits(self) -> Iterator[Visit]:
        """Every layer from the upper one down, for one part of the channels after the other."""
        path, trunk = self.route.path, self.route.trunk
        rows, index = slice(0, len(self.channels)), path.bottleneck_index
        chosen = torch.tensor(self.channels, device=trunk.device)
        if path.upper.op_index == 5:
            conv3 = self.bottlenecks[index].conv3.weight
            return self._conv2(index, rows, conv3[chosen].permute(0, 2, 3, 1), None)
        seed = torch.eye(path.upper.channel_count, dtype=trunk.dtype, device=trunk.device)[chosen][:, None, None]
        if path.upper.op_index == 1:
            return self._conv1(index, rows, seed, None)
        if path.upper.op_index == 3:
            return self._conv2(index, rows, seed, None)
        if path.upper.op_index == 7:
            return self._bottleneck(index - 1, rows, self._shortcut(index, seed))
        return self._bottleneck(index, rows, seed)

    def _bottleneck(self, index: int, rows: slice, maps: Tensor) -> Iterator[Visit]:
        """maps: to the bottleneck's output, [U, h, w, O], and so to each of its summands."""
        bottleneck, size = self.bottlenecks[index], self.route.rows_at_once(index)
        ops = (6, 5) if bottleneck.downsample is None else (8, 7, 5)
        names = tuple(bottleneck.address(op_index) for op_index in ops)
        for start in range(0, len(maps), size):
            part = maps[start : start + size]
            part_rows = slice(rows.start + start, rows.start + start + len(part))
            yield names, part_rows, part
            if not self.route.is_over(names[-1]):
                yield from self._conv3(index, part_rows, part)

    def _conv3(self, index: int, rows: slice, output: Tensor) -> Iterator[Visit]:
        """output: to the bottleneck's output, [U, h, w, O], and so to conv3's."""
        weight = self.bottlenecks[index].conv3.weight
        pooled = self._room("pooled", (*output.shape[:3], weight.shape[1]))
        yield from self._conv2(index, rows, through_1x1(output, weight, pooled), output)

    def _conv2(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv2's output, pooled unless that is the upper layer; output: None without a shortcut."""
        bottleneck, route = self.bottlenecks[index], self.route
        yield (bottleneck.address(3),), rows, maps
        if not route.is_over(bottleneck.address(3)):
            kernel, stride = route.conv2_kernel(index)
            source, target = route.support_at(index), route.path.supports[bottleneck.address(1)]
            yield from self._conv1(index, rows, through_3x3(maps, kernel, stride, source, target), output)

    def _conv1(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv1's output, [U, h, w, O]."""
        name, weight = self.bottlenecks[index].address(1), self.bottlenecks[index].conv1.weight
        yield (name,), rows, maps
        if not self.route.is_over(name):
            onto = None if output is None else self._shortcut(index, output)
            yield from self._bottleneck(index - 1, rows, through_1x1(maps, weight, onto, add=output is not None))


def through_1x1(maps: Tensor, weight: Tensor, out: Tensor | None = None, *, add: bool = False) -> Tensor:
    """Maps [U, h, w, O] to a 1x1 convolution's output -> [U, h, w, I] to its input, in `out` or added to it."""
    rows, weight = maps.reshape(-1, maps.shape[3]), weight.flatten(1)
    if out is None:
        out = maps.new_empty(*maps.shape[:3], weight.shape[1])
    into = out.view(-1, weight.shape[1])
    if add:
        into.addmm_(rows, weight)
    else:
        torch.mm(rows, weight, out=into)
    return out


def through_3x3(maps: Tensor, kernel: Tensor, stride: int, source: Support, target: Support) -> Tensor:
    """Maps [U, h, w, O] on `source` -> [U, h, w, I] on `target`, backwards through a convolution padded by one."""
    size = kernel.shape[-1]
    top, left = target.top - source.top * stride + 1, target.left - source.left * stride + 1
    bottom = (source.height - 1) * stride + size - top - target.height
    right = (source.width - 1) * stride + size - left - target.width
    if source.cell_count == 1:
        # a matrix product: a convolution would spend most of its operations on padding
        columns = kernel.permute(0, 2, 3, 1).reshape(kernel.shape[0], -1)
        spread = torch.mm(maps.flatten(1), columns).view(len(maps), size, size, -1)
        padding = 0
    else:
        padding = int(top == left == bottom == right == 1)
        spread = F.conv_transpose2d(maps.permute(0, 3, 1, 2), kernel, stride=stride, padding=padding)
        spread = spread.permute(0, 2, 3, 1)
    top, left = top - padding, left - padding
    return spread[:, top : top + target.height, left : left + target.width].contiguous()


def unpooled(maps: Tensor, stride: int, source: Support, target: Support, out: Tensor) -> Tensor:
    """Maps [U, h, w, L] after an average pool -> before it, in `out` on the larger `target`, with zeros around."""
    height, width = source.height * stride, source.width * stride
    if (height, width) != (target.height, target.width):
        out.zero_()
    top, left = source.top * stride - target.top, source.left * stride - target.left
    cells = out[:, top : top + height, left : left + width]
    cells = cells.unflatten(2, (-1, stride)).unflatten(1, (-1, stride))
    cells.copy_((maps / stride**2)[:, :, None, :, None])
    return out


def pooled_kernel(weight: Tensor, stride: int) -> Tensor:
    """A 3x3 convolution [O, I, 3, 3] and the average pool after it as one kernel [O, I, s + 2, s + 2] of stride s."""
    size = stride + 2
    kernel = weight.new_zeros(*weight.shape[:2], size, size).to(memory_format=torch.channels_last)
    for y in range(stride):
        for x in range(stride):
            kernel[:, :, y : y + 3, x : x + 3] += weight / stride**2
    return kernel
