"""Expanded weights: how every lower unit of a CLIP ResNet drives an upper unit's centre (definitions.md section 3).

E[u, l, y, x] is the derivative of upper unit u's value at the centre of its map with respect to lower unit l's value at
(y, x), on the trunk with every ReLU replaced by the identity. ingest.expansion.descent computes it, this module
reduces it.

Axes: U upper channels, L lower channels, P positions of a support, h and w its height and width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ingest.expansion.descent import Descent, Route
from ingest.expansion.supports import Support, path_below
from ingest.network.device import ReadBack, has_triton, single_threads
from ingest.network.layers import Layer, bottleneck_of
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk
from warehouse.errors import UnknownChannel

BLOCK_CHANNELS = 256
_PART_BYTES = 16 << 20  # a part's largest map on a CPU: fits the last-level cache
_CHUNK_BYTES = 1 << 20  # what one pass of the reductions takes on a CPU: fits a core's own cache
_GPU_SHARE = 1 / 32  # of a GPU's free memory, for a part's largest map


@dataclass(frozen=True)
class PairBlock:
    """Expanded weights from one lower layer to a block of upper channels, reduced over the support's positions.

    weight_sum, weight_l1 and weight_l2 are [U, L] in the sweep's dtype; row i is upper channel channels[i].
    strongest [U, k] holds each upper channel's k lower channels of largest L2, strongest first, and kernels
    [U, k, h, w] their expanded weights; k is 0 unless kernels are requested. effect_mean and effect_absolute_mean
    [U, L], of gated weights only: means over pictures of the lower unit's effect on the upper one.
    """

    upper: Layer
    lower: Layer
    channels: range
    support: Support
    weight_sum: np.ndarray
    weight_l1: np.ndarray
    weight_l2: np.ndarray
    strongest: np.ndarray
    kernels: np.ndarray
    effect_mean: np.ndarray | None = None
    effect_absolute_mean: np.ndarray | None = None

    def part(self, channels: range) -> PairBlock:
        """The same for some of its upper channels."""
        rows = slice(channels.start - self.channels.start, channels.stop - self.channels.start)
        return replace(
            self,
            channels=channels,
            weight_sum=self.weight_sum[rows],
            weight_l1=self.weight_l1[rows],
            weight_l2=self.weight_l2[rows],
            strongest=self.strongest[rows],
            kernels=self.kernels[rows],
            effect_mean=None if self.effect_mean is None else self.effect_mean[rows],
            effect_absolute_mean=None if self.effect_absolute_mean is None else self.effect_absolute_mean[rows],
        )


Measured = Callable[[], tuple[PairBlock, ...]]


@dataclass(frozen=True)
class Kernels:
    """Expanded weights [U, L, h, w] of the chosen channels of one pair of layers, on its support."""

    upper: Layer
    lower: Layer
    upper_channels: range
    lower_channels: tuple[int, ...]
    support: Support
    weights: np.ndarray


def expanded_weights(
    model: ClipModel | Trunk,
    lower: str,
    upper: str,
    *,
    upper_channels: range | None = None,
    lower_channels: Sequence[int] | None = None,
    tf32: bool = False,
) -> Kernels:
    """The spatial expanded weights of one pair of layers; all channels unless some are chosen.

    All of 1/2/6 -> 4/2/5 in RN50 is 6.6 GB: choose channels, or use a Sweep if the reductions are enough.
    Raises UnknownLayer, NoPath and UnknownChannel.
    """
    sweep = Sweep(model if isinstance(model, Trunk) else model.trunk, upper, [lower], tf32=tf32)
    return sweep.kernels(lower, upper_channels, lower_channels)


class Sweep:
    """The way from one upper layer down to every requested lower layer, for a block of upper channels at a time.

    A block depends only on the trunk and its channels, so (upper layer, block) is a shard that can be computed
    anywhere, in any order, and repeatedly. Runs on the trunk's device in the trunk's dtype (Trunk.to chooses both), on
    a GPU with TF32 only if `tf32`. On a CPU each of torch's threads takes its own share of the block's channels.
    Reduces and returns in `dtype`: the trunk's own, but float32 for bf16, whose sums would be off by percents.
    """

    def __init__(
        self,
        trunk: Trunk,
        upper: str,
        lowers: Sequence[str] | None = None,
        *,
        kernel_count: int = 0,
        tf32: bool = False,
    ) -> None:
        """lowers: layer names, or None for all that reach `upper`. Raises UnknownLayer and NoPath."""
        self.path = path_below(trunk, upper)
        self.lowers = self.path.lower_layers(lowers)
        self.kernel_count = kernel_count
        self.tf32 = tf32
        self.trunk = trunk
        self.dtype = torch.promote_types(trunk.dtype, torch.float32)
        deepest = self.lowers[-1].layer_name if self.lowers else upper
        self.route = Route(trunk, self.path, deepest, part_bytes(trunk.device))

    def blocks(self, size: int = BLOCK_CHANNELS) -> tuple[range, ...]:
        """The upper layer's channels in blocks of `size`."""
        count = self.path.upper.channel_count
        return tuple(range(start, min(start + size, count)) for start in range(0, count, size))

    def measure(self, channels: range) -> tuple[PairBlock, ...]:
        """Measure every lower layer for some upper channels, the nearest lower layer first. Raises UnknownChannel.

        Memory: three numbers a pair; with kernel_count also the kernels, h * w * kernel_count numbers for each upper
        channel and lower layer, so request kernels with few lower layers or small blocks.
        """
        return self.begin(channels)()

    def begin(self, channels: range) -> Measured:
        """The same without waiting for a GPU: the function returned does, from any thread, once or more often."""
        check_channels(self.path.upper, channels)
        records = {layer.layer_name: Record(self, layer, channels) for layer in self.lowers}
        if records:
            with exact(self.tf32):
                in_shares(self.trunk.device, len(channels), lambda share: self._fill(records, channels, share))
        begun = [record.read_back() for record in records.values()]
        return lambda: tuple(block.wait() for block in begun)

    def _fill(self, records: dict[str, Record], channels: range, share: slice) -> None:
        with torch.no_grad():
            buffer = self.buffer()
            for names, rows, maps in Descent(self.route, channels[share]).visits():
                wanted = [records[name] for name in names if name in records]
                if wanted:
                    measures = reduced(maps.to(self.dtype), buffer)
                for record in wanted:
                    record.take(slice(share.start + rows.start, share.start + rows.stop), maps, measures)

    def chosen(
        self, lower: str, upper_channels: range | None, lower_channels: Sequence[int] | None
    ) -> tuple[Layer, range, list[int]]:
        """The lower layer, and the channels of both layers, all by default. Raises UnknownChannel."""
        (layer,) = (layer for layer in self.lowers if layer.layer_name == lower)
        channels = range(self.path.upper.channel_count) if upper_channels is None else upper_channels
        chosen = list(range(layer.channel_count)) if lower_channels is None else list(lower_channels)
        check_channels(self.path.upper, channels)
        check_channels(layer, chosen)
        return layer, channels, chosen

    def kernels(
        self, lower: str, upper_channels: range | None = None, lower_channels: Sequence[int] | None = None
    ) -> Kernels:
        """Spatial expanded weights of one of the lower layers; see expanded_weights."""
        layer, channels, chosen = self.chosen(lower, upper_channels, lower_channels)
        support = self.path.supports[lower]
        weights = self.empty(len(channels), len(chosen), support.height, support.width)
        with exact(self.tf32):
            for names, rows, maps in Descent(self.route, channels).visits():
                if lower in names:
                    weights[rows] = repeated(maps[..., chosen], pool_of(self.trunk, layer)).permute(0, 3, 1, 2)
        return Kernels(self.path.upper, layer, channels, tuple(chosen), support, weights.cpu().numpy())

    def buffer(self) -> Tensor:
        """Room for what one pass of the reductions takes."""
        return self.empty(chunk_bytes(self.trunk.device) // self.dtype.itemsize)

    def empty(self, *shape: int) -> Tensor:
        return torch.empty(shape, dtype=self.dtype, device=self.trunk.device)


class Record:
    """What is measured for one block of upper channels in one lower layer."""

    def __init__(self, sweep: Sweep, lower: Layer, channels: range) -> None:
        self.sweep, self.lower, self.channels = sweep, lower, channels
        self.support = sweep.path.supports[lower.layer_name]
        self.pool = pool_of(sweep.trunk, lower)
        count = min(sweep.kernel_count, lower.channel_count)
        # a lower unit's numbers lie side by side, like the table's rows
        self.measures = sweep.empty(3, lower.channel_count, len(channels)).transpose(1, 2)
        self.strongest = torch.empty(len(channels), count, dtype=torch.int64)
        self.kernels = torch.empty(len(channels), count, self.support.height, self.support.width, dtype=sweep.dtype)

    def take(self, rows: slice, maps: Tensor, measures: Tensor) -> None:
        self.measures[:, rows] = measures
        self.measures[2, rows] /= self.pool  # s^2 times (value / s^2)^2
        if self.strongest.shape[1]:
            strongest = measures[2].topk(self.strongest.shape[1], dim=1).indices
            kernels = maps.gather(3, strongest[:, None, None].expand(-1, *maps.shape[1:3], -1))
            self.strongest[rows] = strongest.cpu()
            self.kernels[rows] = repeated(kernels, self.pool).permute(0, 3, 1, 2).cpu()

    def read_back(self, *effects: Tensor) -> ReadBack[PairBlock]:
        """effects: none, or effect_mean and effect_absolute_mean, stacked [2, U, L]."""

        def block(measures: np.ndarray, *effects: np.ndarray) -> PairBlock:
            effect_mean, effect_absolute_mean = effects[0] if effects else (None, None)
            return PairBlock(
                self.sweep.path.upper,
                self.lower,
                self.channels,
                self.support,
                weight_sum=measures[0],
                weight_l1=measures[1],
                weight_l2=measures[2],
                strongest=self.strongest.numpy(),
                kernels=self.kernels.numpy(),
                effect_mean=effect_mean,
                effect_absolute_mean=effect_absolute_mean,
            )

        return ReadBack((self.measures, *effects), block)


def reduced(maps: Tensor, buffer: Tensor) -> Tensor:
    """Sum, L1 and L2 over the positions of maps [U, h, w, L] -> [3, U, L].

    On a GPU every value is read once. On a CPU values are taken in chunks of the size of `buffer`, which are read a
    second and third time from a core's own cache, and summed by matrix products: torch's own norms over an outer
    dimension are about ten times slower. In float32 a value below 1e-19 adds nothing to L2.
    """
    flat = maps.flatten(1, 2)
    if maps.is_cuda and maps.dtype == torch.float32 and has_triton():
        from ingest.network import triton_kernels

        return triton_kernels.summed(flat.contiguous())
    count, cells, channels = flat.shape
    measures = maps.new_zeros(3, count, 1, channels)
    size = min(max(1, len(buffer) // channels), cells)  # positions of a unit in a chunk
    units = min(max(1, len(buffer) // (channels * size)), count)
    ones = maps.new_ones(units, 1, size)
    for start in range(0, count, units):
        for first in range(0, cells, size):
            chunk = flat[start : start + units, first : first + size]
            weights = ones[: chunk.shape[0], :, : chunk.shape[1]]
            room = buffer[: chunk.numel()].view(chunk.shape)
            sums, absolutes, squares = measures[:, start : start + units]
            sums.baddbmm_(weights, chunk)
            absolutes.baddbmm_(weights, torch.abs(chunk, out=room))
            squares.baddbmm_(weights, room.mul_(room))
    measures[2].sqrt_()
    return measures[:, :, 0]


def repeated(maps: Tensor, pool: int) -> Tensor:
    """Maps [U, h, w, L] after an average pool -> [U, pool * h, pool * w, L] before it."""
    if pool == 1:
        return maps
    return (maps / pool**2).repeat_interleave(pool, 1).repeat_interleave(pool, 2)


@contextmanager
def exact(tf32: bool) -> Iterator[None]:
    """No gradients, the same numbers every time, and TF32 only if requested (cuDNN would use it by default).

    `enabled` is passed because torch.backends.cudnn.flags turns cuDNN off by default: transposed convolutions would
    then run one picture at a time.
    """
    matmul = torch.backends.cuda.matmul
    before, matmul.allow_tf32 = matmul.allow_tf32, tf32
    try:
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=tf32):
            yield
    finally:
        matmul.allow_tf32 = before


def in_shares(device: torch.device, count: int, do: Callable[[slice], None]) -> None:
    """Split `count` rows into a share for each of torch's threads on a CPU, and do each share in its own thread."""
    with single_threads(device) as (pool, thread_count):
        size = -(-count // thread_count)
        list(pool.map(do, [slice(start, start + size) for start in range(0, count, size)]))


def pool_of(trunk: Trunk, layer: Layer) -> int:
    """Size of the average pool after a lower layer, whose map the descent keeps pooled."""
    return bottleneck_of(trunk, layer.layer_name).stride if layer.op_index == 3 else 1


def check_channels(layer: Layer, channels: Sequence[int]) -> None:
    """Raise UnknownChannel for a channel that the layer does not have."""
    for channel in channels:
        if not 0 <= channel < layer.channel_count:
            raise UnknownChannel(channel, layer.layer_name, layer.channel_count)


def part_bytes(device: torch.device) -> int:
    return int(torch.cuda.mem_get_info(device)[0] * _GPU_SHARE) if device.type == "cuda" else _PART_BYTES


def chunk_bytes(device: torch.device) -> int:
    return part_bytes(device) if device.type == "cuda" else _CHUNK_BYTES
