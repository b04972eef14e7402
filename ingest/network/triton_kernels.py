"""Kernels for an NVIDIA card in Triton, which PyTorch brings along where it is built for CUDA: import it only there.

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
        maps, sums, count, positions, channels, rows_at_once=_POSITIONS, columns_at_once=_CHANNELS
    )
    return sums


@triton.jit
def _reduce(  # type: ignore[no-untyped-def]
    maps, mean, peak, place, positions, channels, rows_at_once: tl.constexpr, columns_at_once: tl.constexpr
):
    """A block of a picture's channels, from the first position to the last: of equal maxima the first is kept."""
    picture = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * columns_at_once + tl.arange(0, columns_at_once)
    is_column = columns < channels
    total = tl.zeros((columns_at_once,), tl.float32)
    best = tl.full((columns_at_once,), float("-inf"), tl.float32)
    where = tl.zeros((columns_at_once,), tl.int32)
    for first in range(0, positions, rows_at_once):
        rows = first + tl.arange(0, rows_at_once)
        is_value = (rows < positions)[:, None] & is_column[None, :]
        cells = maps + picture * positions * channels + rows[:, None] * channels + columns[None, :]
        values = tl.load(cells, mask=is_value, other=0.0).to(tl.float32)
        total += tl.sum(values, 0)
        largest, row = tl.max(tl.where(is_value, values, float("-inf")), 0, return_indices=True)
        is_larger = largest > best
        best = tl.where(is_larger, largest, best)
        where = tl.where(is_larger, first + row, where)
    best = tl.where(total == total, best, total)
    tl.store(mean + picture * channels + columns, total / positions, mask=is_column)
    tl.store(peak + picture * channels + columns, best, mask=is_column)
    tl.store(place + picture * channels + columns, where, mask=is_column)


@triton.jit
def _sum(  # type: ignore[no-untyped-def]
    maps, sums, count, positions, channels, rows_at_once: tl.constexpr, columns_at_once: tl.constexpr
):
    """A block of a map's channels. What lies outside adds nothing."""
    row = tl.program_id(0).to(tl.int64)
    columns = tl.program_id(1) * columns_at_once + tl.arange(0, columns_at_once)
    is_column = columns < channels
    total = tl.zeros((columns_at_once,), tl.float32)
    absolute = tl.zeros((columns_at_once,), tl.float32)
    square = tl.zeros((columns_at_once,), tl.float32)
    for first in range(0, positions, rows_at_once):
        rows = first + tl.arange(0, rows_at_once)
        is_value = (rows < positions)[:, None] & is_column[None, :]
        cells = maps + row * positions * channels + rows[:, None] * channels + columns[None, :]
        values = tl.load(cells, mask=is_value, other=0.0)
        total += tl.sum(values, 0)
        absolute += tl.sum(tl.abs(values), 0)
        square += tl.sum(values * values, 0)
    into = sums + row * channels + columns
    size = count.to(tl.int64) * channels
    tl.store(into, total, mask=is_column)
    tl.store(into + size, absolute, mask=is_column)
    tl.store(into + 2 * size, tl.sqrt(square), mask=is_column)
