"""The way down: expanded weights carried backwards through the bottlenecks, layer by layer.

Axes: U upper channels, L lower channels, O and I output and input channels of a convolution, h and w positions of a
support. Maps are channels last, [U, h, w, L], and hold the support only.

With every ReLU replaced by the identity the trunk is affine, so its derivative is a product of transposed
convolutions:

- 1x1 convolutions are matrix products over all positions at once;
- an average pool is folded into the 3x3 convolution before it (one transposed convolution of size s + 2 and stride
  s) and commutes with the 1x1 convolution after it, so no map is larger than it must be;
- a residual addition is the sum of its two ways: the residual branch is added onto the shortcut's map in place;
- indices 5 and 7 of a bottleneck and its output feed or are one sum, so they share one map;
- a block of upper channels is split as soon as its maps outgrow the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from ingest.supports import Path, Support
from ingest.trunk import Bottleneck, Convolution, Trunk

# names of the lower layers that share a map, the rows of the block, their map [rows, h, w, L]
Visit = tuple[tuple[str, ...], slice, Tensor]


@dataclass(frozen=True)
class Descent:
    """A block of upper channels on its way from `path.upper` down to the layer `deepest`.

    Every visit's map lives only until the next one is asked for: the way goes on in place. The map of an index 3
    before an average pool of size s is kept pooled: the true one is each value / s^2, repeated s times along h and w.
    """

    trunk: Trunk
    path: Path
    deepest: str
    part_bytes: int

    @cached_property
    def kernels(self) -> list[Tensor]:
        return [pooled_kernel(bottleneck) for bottleneck in self.trunk.bottlenecks]

    @cached_property
    def _depths(self) -> dict[str, int]:
        return {name: depth for depth, name in enumerate(self.path.supports)}

    def from_upper(self, channels: range) -> Iterator[Visit]:
        """Visit every layer below the upper one with the expanded weights of its `channels`."""
        op_index, index = self.path.upper.op_index, self.path.bottleneck_index
        seed = torch.eye(self.path.upper.channel_count, dtype=self.trunk.dtype, device=self.trunk.device)
        seed = seed[channels.start : channels.stop : channels.step, None, None]
        rows = slice(0, len(channels))
        if op_index == 1:
            yield from self._conv1(index, rows, seed, None)
        elif op_index == 3:
            yield from self._conv2(index, rows, seed, None)
        elif op_index == 5:
            yield from self._conv3(index, rows, seed, None)
        elif op_index == 7:
            yield from self._bottleneck(index - 1, rows, self._shortcut(index, seed))
        else:
            yield from self._bottleneck(index, rows, seed)

    def _bottleneck(self, index: int, rows: slice, maps: Tensor) -> Iterator[Visit]:
        """maps: to the bottleneck's output, [U, h, w, O], and so to each summand of it."""
        bottleneck = self.trunk.bottlenecks[index]
        ops = (6, 5) if bottleneck.downsample is None else (8, 7, 5)
        names = tuple(bottleneck.address(op_index) for op_index in ops)
        for part, part_maps in self._parts(index, rows, maps):
            yield names, part, part_maps
            if not self._is_deepest(names[-1]):
                yield from self._conv3(index, part, part_maps, part_maps)

    def _conv3(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv3's output; output: to the bottleneck's, or None when the shortcut is not on the way."""
        bottleneck = self.trunk.bottlenecks[index]
        pooled = through_1x1(maps, bottleneck.conv3)
        yield (bottleneck.address(3),), rows, pooled
        if not self._is_deepest(bottleneck.address(3)):
            yield from self._conv2(index, rows, pooled, output)

    def _conv2(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv2's output, pooled unless that is the upper layer."""
        name = self.trunk.bottlenecks[index].address(1)
        kernel, stride = self._kernel(index)
        reduced = through_3x3(maps, kernel, stride, self._support(index), self.path.supports[name])
        yield (name,), rows, reduced
        if not self._is_deepest(name):
            yield from self._conv1(index, rows, reduced, output)

    def _conv1(self, index: int, rows: slice, maps: Tensor, output: Tensor | None) -> Iterator[Visit]:
        """maps: to conv1's output, [U, h, w, O]."""
        onto = None if output is None else self._shortcut(index, output)
        given = through_1x1(maps, self.trunk.bottlenecks[index].conv1, onto)
        yield from self._bottleneck(index - 1, rows, given)

    def _shortcut(self, index: int, maps: Tensor) -> Tensor:
        """The shortcut's share of the map to the bottleneck's input; `maps` itself where nothing changes."""
        bottleneck = self.trunk.bottlenecks[index]
        if bottleneck.downsample is not None:
            maps = through_1x1(maps, bottleneck.downsample)
        return unpooled(maps, bottleneck.stride, self._support(index), self._support(index - 1))

    def _support(self, index: int) -> Support:
        """Support at a bottleneck's output, or the one position where the way begins inside that bottleneck."""
        if index == self.path.bottleneck_index:
            return self.path.centre
        return self.path.supports[self.trunk.bottlenecks[index].output_name]

    def _kernel(self, index: int) -> tuple[Tensor, int]:
        """conv2 with its average pool, or alone when the upper layer lies between the two."""
        bottleneck = self.trunk.bottlenecks[index]
        if bottleneck.address(3) == self.path.upper.layer_name:
            return bottleneck.conv2.weight, 1
        return self.kernels[index], bottleneck.stride

    def _parts(self, index: int, rows: slice, maps: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """The block in parts whose largest map in this bottleneck is no larger than part_bytes."""
        bottlenecks = self.trunk.bottlenecks[max(index - 1, 0) : index + 1]
        names = [bottleneck.output_name for bottleneck in bottlenecks] + [bottlenecks[-1].address(1)]
        values = max(self._value_count(name) for name in names if name in self.path.supports)
        size = max(1, self.part_bytes // (values * maps.element_size()))
        for start in range(0, len(maps), size):
            part = maps[start : start + size]
            yield slice(rows.start + start, rows.start + start + len(part)), part

    def _value_count(self, name: str) -> int:
        return self.path.supports[name].cell_count * self.path.layers[name].channel_count

    def _is_deepest(self, name: str) -> bool:
        return self._depths[name] >= self._depths[self.deepest]


def through_1x1(maps: Tensor, convolution: Convolution, onto: Tensor | None = None) -> Tensor:
    """Maps [U, h, w, O] to a 1x1 convolution's output -> [U, h, w, I] to its input, added onto `onto` if given."""
    weight = convolution.weight.flatten(1)
    rows = maps.reshape(-1, weight.shape[0])
    if onto is None:
        return torch.mm(rows, weight).view(*maps.shape[:3], -1)
    onto.view(-1, weight.shape[1]).addmm_(rows, weight)
    return onto


def through_3x3(maps: Tensor, kernel: Tensor, stride: int, source: Support, target: Support) -> Tensor:
    """Maps [U, h, w, O] on `source` -> [U, h, w, I] on `target`, backwards through a convolution padded by one."""
    size = kernel.shape[-1]
    top, left = target.top - source.top * stride + 1, target.left - source.left * stride + 1
    bottom = (source.height - 1) * stride + size - top - target.height
    right = (source.width - 1) * stride + size - left - target.width
    if source.cell_count == 1:
        # a convolution would spend most of its operations on padding
        columns = kernel.permute(0, 2, 3, 1).reshape(kernel.shape[0], -1)
        spread = torch.mm(maps.flatten(1), columns).view(len(maps), size, size, -1)
        padding = 0
    else:
        padding = int(top == left == bottom == right == 1)
        spread = F.conv_transpose2d(maps.permute(0, 3, 1, 2), kernel, stride=stride, padding=padding)
        spread = spread.permute(0, 2, 3, 1)
    rows = slice(top - padding, top - padding + target.height)
    columns_kept = slice(left - padding, left - padding + target.width)
    return spread[:, rows, columns_kept].contiguous()


def unpooled(maps: Tensor, stride: int, source: Support, target: Support) -> Tensor:
    """Maps [U, h, w, L] after an average pool -> before it, on the larger `target` with zeros around."""
    if stride == 1 and source == target:
        return maps
    count, height, width, channels = maps.shape
    covers = (height * stride, width * stride) == (target.height, target.width)
    new = maps.new_empty if covers else maps.new_zeros
    placed = new(count, target.height, target.width, channels)
    top, left = source.top * stride - target.top, source.left * stride - target.left
    cells = placed[:, top : top + height * stride, left : left + width * stride]
    cells = cells.unflatten(2, (width, stride)).unflatten(1, (height, stride))
    cells.copy_((maps / stride**2)[:, :, None, :, None])
    return placed


def pooled_kernel(bottleneck: Bottleneck) -> Tensor:
    """conv2 and the average pool behind it as one convolution [O, I, s + 2, s + 2] of stride s."""
    weight, stride = bottleneck.conv2.weight, bottleneck.stride
    if stride == 1:
        return weight
    box = weight.new_full((1, 1, stride, stride), 1 / stride**2)
    kernel = F.conv_transpose2d(weight.flatten(0, 1)[:, None], box)
    return kernel.view(*weight.shape[:2], *kernel.shape[2:]).contiguous(memory_format=torch.channels_last)
