"""Kernels for NVIDIA GPUs in Triton, which comes with PyTorch's CUDA builds: import it only there.

Compiled at the first call, about a second, and kept in the user's cache folder.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

_POSITIONS, _CHANNELS = 32, 64  # that a program reads at once


def reduced(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean and maximum, float32, and the maximum's first position, int32, each [N, C], of maps [N, P, C] in one piece.

    Every value is read once, from float32 or half precision. Where a value is NaN, so are mean and maximum.
    """
    count, positions, channels = maps.shape
    mean, peak = (maps.new_empty(count, channels, dtype=torch.float32) for _ in range(2))
    place = maps.new_empty(count, channels, dtype=torch.int32)
    _reduce[count, triton.cdiv(channels, _CHANNELS)](
        maps, mean, peak, place, positions, channels, rows_at_once=_POSITIONS, columns_at_once=_CHANNELS
    )
    return mean, peak, place


def summed(maps: Tensor) -> Tensor:
    """Sum, sum of magnitudes and square root of the sum of squares, [3, N, C], of float32 maps [N, P, C] in one piece.

    Every value is read once.
    """
    count, positions, channels = maps.shape
    sums = maps.new_empty(3, count, channels)
    _sum[count, triton.cdiv(channels, _CHANNELS)](
        maps, sums, count * channels, positions, channels, rows_at_once=_POSITIONS, columns_at_once=_CHANNELS
    )
    return sums


def compared(maps: Tensor, others: Tensor) -> Tensor:
    """Both L2 norms and the dot product, [3, N, C] in float32, of two maps [N, P, C], each in one piece.

    Every value is read once, from float32 or half precision.
    """
    count, positions, channels = maps.shape
    found = maps.new_empty(3, count, channels, dtype=torch.float32)
    _compare[count, triton.cdiv(channels, _CHANNELS)](
        maps, others, found, count * channels, positions, channels, rows_at_once=_POSITIONS, columns_at_once=_CHANNELS
    )
    return found


@triton.jit
def _reduce(  # type: ignore[no-untyped-def]
    maps, mean, peak, places, positions, channels, rows_at_once: tl.constexpr, columns_at_once: tl.constexpr
):
    """A block of a picture's channels. Each row of a block of positions keeps its own results until the end."""
    picture = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * columns_at_once + tl.arange(0, columns_at_once)
    is_column = columns < channels
    total = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    best = tl.full((rows_at_once, columns_at_once), float("-inf"), tl.float32)
    where = tl.zeros((rows_at_once, columns_at_once), tl.int32) + tl.arange(0, rows_at_once)[:, None]
    for first in range(0, positions, rows_at_once):
        rows = first + tl.arange(0, rows_at_once)[:, None]
        is_value = (rows < positions) & is_column[None, :]
        cells = maps + picture * positions * channels + rows * channels + columns[None, :]
        values = tl.load(cells, mask=is_value, other=float("-inf")).to(tl.float32)
        total += tl.where(is_value, values, 0.0)
        is_larger = values > best
        best = tl.where(is_larger, values, best)
        where = tl.where(is_larger, rows, where)
    sums, largest = tl.sum(total, 0), tl.max(best, 0)
    place = tl.min(tl.where(best == largest[None, :], where, positions), 0)
    largest = tl.where(sums == sums, largest, sums)
    into = picture * channels + columns
    tl.store(mean + into, sums / positions, mask=is_column)
    tl.store(peak + into, largest, mask=is_column)
    tl.store(places + into, place, mask=is_column)


@triton.jit
def _sum(  # type: ignore[no-untyped-def]
    maps, sums, size, positions, channels, rows_at_once: tl.constexpr, columns_at_once: tl.constexpr
):
    """A block of a map's channels. Positions outside the map add nothing."""
    row = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * columns_at_once + tl.arange(0, columns_at_once)
    is_column = columns < channels
    total = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    absolute = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    square = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    for first in range(0, positions, rows_at_once):
        rows = first + tl.arange(0, rows_at_once)[:, None]
        cells = maps + row * positions * channels + rows * channels + columns[None, :]
        values = tl.load(cells, mask=(rows < positions) & is_column[None, :], other=0.0)
        total += values
        absolute += tl.abs(values)
        square += values * values
    into = sums + row * channels + columns
    tl.store(into, tl.sum(total, 0), mask=is_column)
    tl.store(into + size, tl.sum(absolute, 0), mask=is_column)
    tl.store(into + size + size, tl.sqrt(tl.sum(square, 0)), mask=is_column)


@triton.jit
def _compare(  # type: ignore[no-untyped-def]
    maps, others, found, size, positions, channels, rows_at_once: tl.constexpr, columns_at_once: tl.constexpr
):
    """A block of a picture's channels in both maps. Positions outside the map add nothing."""
    row = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * columns_at_once + tl.arange(0, columns_at_once)
    is_column = columns < channels
    square = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    other_square = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    product = tl.zeros((rows_at_once, columns_at_once), tl.float32)
    for first in range(0, positions, rows_at_once):
        rows = first + tl.arange(0, rows_at_once)[:, None]
        is_value = (rows < positions) & is_column[None, :]
        cells = row * positions * channels + rows * channels + columns[None, :]
        values = tl.load(maps + cells, mask=is_value, other=0.0).to(tl.float32)
        other_values = tl.load(others + cells, mask=is_value, other=0.0).to(tl.float32)
        square += values * values
        other_square += other_values * other_values
        product += values * other_values
    into = found + row * channels + columns
    tl.store(into, tl.sqrt(tl.sum(square, 0)), mask=is_column)
    tl.store(into + size, tl.sqrt(tl.sum(other_square, 0)), mask=is_column)
    tl.store(into + size + size, tl.sum(product, 0), mask=is_column)
