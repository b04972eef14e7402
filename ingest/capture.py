"""Capture: spatial mean and maximum of every asked-for layer from one forward pass.

Axes: N images, U units of the asked-for layers (layers in running order, channels in theirs), H and W positions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
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
            accumulated = torch.promote_types(maps.dtype, torch.float32)
            means.append(maps.mean((2, 3), dtype=accumulated))
            maxima.append(maps.amax((2, 3)))
            if len(means) == len(layer_names):
                break
    return Activations(_joined(means), _joined(maxima))


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Pixels [N, H, W] grey or [N, H, W, 3] in 0..255 as images [N, 3, H, W], by the model's own mean and std."""
    if pixels.ndim == 3:
        pixels = pixels[..., None].expand(-1, -1, -1, 3)
    scaled = pixels.permute(0, 3, 1, 2).float() / 255
    shape = (1, 3, 1, 1)
    return (scaled - scaled.new_tensor(mean).reshape(shape)) / scaled.new_tensor(std).reshape(shape)


def _joined(columns: list[Tensor]) -> NDArray[np.float32]:
    return torch.cat(columns, dim=1).float().cpu().numpy()
