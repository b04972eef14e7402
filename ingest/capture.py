"""Capture: spatial mean and maximum of every asked-for layer from one forward pass.

Axes: N images, U units of the asked-for layers (layers in running order, channels in theirs), H and W positions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ingest.trunk import Trunk, forward


@dataclass(frozen=True)
class Activations:
    """Spatial mean and maximum, each [N, U] float32."""

    mean: NDArray[np.float32]
    max: NDArray[np.float32]


def capture(trunk: Trunk, images: Tensor, layer_names: Collection[str]) -> Activations:
    """Run images [N, 3, H, W] once, reduce each asked-for map where it lies, and stop after the last.

    No map is kept: each is reduced before the pass goes on in place (definitions.md section 2, the trap). Maps in half
    precision are averaged in float32.
    """
    means: list[Tensor] = []
    maxima: list[Tensor] = []
    for name, maps in forward(trunk, images):
        if name in layer_names:
            means.append(_mean(maps))
            maxima.append(maps.amax((2, 3)))
            if len(means) == len(layer_names):
                break
    return Activations(_joined(means), _joined(maxima))


@dataclass(frozen=True)
class Examined:
    """Spatial mean and maximum [N, U] float32, and the flat position of the maximum, its first [N, U] int64."""

    mean: Tensor
    max: Tensor
    place: Tensor


def examine(trunk: Trunk, images: Tensor, layer_names: Collection[str]) -> Examined:
    """`capture` on the device, with the positions of maxima: one forward pass of images [N, 3, H, W]."""
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for name, maps in forward(trunk, images):
        if name in layer_names:
            # One pooling window as large as the map: the only reduction that has the place at the price of the maximum.
            peak, place = F.max_pool2d(maps, maps.shape[2:], return_indices=True)
            found.append((_mean(maps), peak.flatten(1).float(), place.flatten(1)))
            if len(found) == len(layer_names):
                break
    return Examined(*(torch.cat(columns, 1) for columns in zip(*found, strict=True)))


def _mean(maps: Tensor) -> Tensor:
    """Spatial mean [N, C] of maps [N, C, H, W], in float32 or better."""
    flat = maps.permute(0, 2, 3, 1).flatten(1, 2)  # [N, H * W, C], as it lies in memory: twice as fast on a CPU
    return flat.sum(1, dtype=torch.promote_types(maps.dtype, torch.float32)) / flat.shape[1]


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Pixels [N, H, W] grey or [N, H, W, 3] in 0..255 as images [N, 3, H, W], by the model's own mean and std."""
    if pixels.ndim == 3:
        pixels = pixels[..., None].expand(-1, -1, -1, 3)
    rows = pixels.flatten(2) / 255  # [N, H, W * 3]: long rows are several times faster than threes
    width = pixels.shape[2]
    rows.sub_(rows.new_tensor(mean).repeat(width)).div_(rows.new_tensor(std).repeat(width))
    return rows.unflatten(2, (width, 3)).permute(0, 3, 1, 2)


def _joined(columns: list[Tensor]) -> NDArray[np.float32]:
    return torch.cat(columns, dim=1).float().cpu().numpy()
