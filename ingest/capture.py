"""Capture: spatial mean and maximum of every asked-for layer from one forward pass.

Axes: N images, U units of the asked-for layers (layers in running order, channels in theirs), C channels of one layer,
H and W positions, P = H * W.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numba import prange
from numpy.typing import NDArray
from torch import Tensor

from ingest.compiled import compiled_loop, one_loop_at_a_time
from ingest.trunk import Trunk, forward

_RUN = 64  # positions


@dataclass(frozen=True)
class Activations:
    """Spatial mean and maximum, each [N, U] float32, and the flat position of the maximum, its first [N, U] int32."""

    mean: NDArray[np.float32]
    max: NDArray[np.float32]
    place: NDArray[np.int32]


def capture(trunk: Trunk, images: Tensor, layer_names: Collection[str]) -> Activations:
    """Run images [N, 3, H, W] once, reduce each asked-for map where it lies, and stop after the last.

    No map is kept: each is reduced before the pass goes on in place (definitions.md section 2, the trap). Maps in half
    precision are averaged in float32.
    """
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for name, maps in forward(trunk, images):
        if name in layer_names:
            found.append(_reduced_here(maps) if maps.device.type == "cpu" else _reduced(maps))
            if len(found) == len(layer_names):
                break
    mean, peak, place = (torch.cat(columns, 1).cpu().numpy() for columns in zip(*found, strict=True))
    return Activations(mean, peak, place)


def _reduced(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, maximum and its place of maps [N, C, H, W], on their device."""
    # One pooling window as large as the map: the only reduction that has the place at the price of the maximum.
    peak, place = F.max_pool2d(maps, maps.shape[2:], return_indices=True)
    mean = maps.mean((2, 3), dtype=torch.float32)
    return mean, peak.flatten(1).float(), place.flatten(1).to(torch.int32)


def _reduced_here(maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`_reduced` on the CPU: a map is read once, which is what it costs."""
    rows = maps.float().permute(0, 2, 3, 1).flatten(1, 2).contiguous().numpy()  # [N, P, C], as it lies in memory
    shape = rows.shape[::2]
    mean, peak, place = np.empty(shape, np.float32), np.empty(shape, np.float32), np.empty(shape, np.int32)
    with one_loop_at_a_time():
        _reduce(rows, mean, peak, place)
    return torch.from_numpy(mean), torch.from_numpy(peak), torch.from_numpy(place)


@compiled_loop
def _reduce(maps, mean, peak, place):  # type: ignore[no-untyped-def]
    """Mean, maximum and its place, each [N, C], of maps [N, P, C]: positions in pairs, summed by runs."""
    positions, channels = maps.shape[1:]
    for n in prange(maps.shape[0]):
        best, where = peak[n], place[n]
        total, run_sum = np.zeros(channels, np.float32), np.empty(channels, np.float32)
        best[:], where[:] = maps[n, 0], 0
        if positions % 2:
            total[:] = best
        for start in range(positions % 2, positions, _RUN):
            run_sum[:] = 0
            for p in range(start, min(start + _RUN, positions), 2):
                one, two = maps[n, p], maps[n, p + 1]
                for c in range(channels):
                    is_second = two[c] > one[c]
                    larger = two[c] if is_second else one[c]
                    position = np.int32(p + 1) if is_second else np.int32(p)
                    is_larger = larger > best[c]
                    best[c] = larger if is_larger else best[c]
                    where[c] = position if is_larger else where[c]
                    run_sum[c] += one[c] + two[c]
            for c in range(channels):
                total[c] += run_sum[c]
        for c in range(channels):
            mean[n, c] = total[c] / np.float32(positions)


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Pixels [N, H, W] grey or [N, H, W, 3] uint8 as images [N, 3, H, W], by the model's own mean and std."""
    if pixels.ndim == 3:
        pixels = pixels[..., None].expand(-1, -1, -1, 3)
    levels = torch.arange(256)[:, None] / 255
    table = ((levels - torch.tensor(mean)) / torch.tensor(std)).to(pixels.device)
    if pixels.device.type != "cpu":
        return table[pixels.int(), torch.arange(3, device=pixels.device)].permute(0, 3, 1, 2)
    images = np.empty(pixels.shape, np.float32)
    with one_loop_at_a_time():
        _look_up(table.numpy(), pixels.numpy(), images)
    return torch.from_numpy(images).permute(0, 3, 1, 2)


@compiled_loop
def _look_up(table, pixels, images):  # type: ignore[no-untyped-def]
    """The value of each channel's level: pixels [N, H, W, 3] by table [256, 3] as images [N, H, W, 3]."""
    count, height, width, channels = pixels.shape
    for n in prange(count):
        for y in range(height):
            for x in range(width):
                for c in range(channels):
                    images[n, y, x, c] = table[pixels[n, y, x, c], c]
