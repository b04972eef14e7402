"""Capture: spatial mean and maximum of every asked-for layer from one forward pass.

Axes: N images, U units of the asked-for layers (layers in running order, channels in theirs), H and W positions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
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


@dataclass(frozen=True)
class Examined:
    """Spatial mean and maximum [N, U] float32, and the flat position of the maximum [N, U] where it was asked for."""

    mean: Tensor
    max: Tensor
    place: Tensor


def examine(
    trunk: Trunk, images: Tensor, layer_names: Collection[str], wanted: Callable[[Tensor, int], Tensor]
) -> Examined:
    """`capture` on the device, with positions of maxima: one forward pass of images [N, 3, H, W].

    wanted(mean [N, C], first unit of the layer) says for which pictures and units the position is looked for, since
    looking costs far more than the mean; it is 0 elsewhere.
    """
    means: list[Tensor] = []
    maxima: list[Tensor] = []
    places: list[Tensor] = []
    first_unit = 0
    for name, maps in forward(trunk, images):
        if name not in layer_names:
            continue
        flat = maps.permute(0, 2, 3, 1).flatten(1, 2)  # [N, H * W, C], as it lies in memory
        means.append(_mean_over_positions(flat))
        maxima.append(flat.amax(1).float())
        pictures, channels = wanted(means[-1], first_unit).nonzero(as_tuple=True)
        places.append(torch.zeros(maxima[-1].shape, dtype=torch.int32, device=maps.device))
        places[-1][pictures, channels] = maps[pictures, channels].flatten(1).argmax(1).to(torch.int32)
        first_unit += maps.shape[1]
        if len(means) == len(layer_names):
            break
    return Examined(torch.cat(means, 1), torch.cat(maxima, 1), torch.cat(places, 1))


def _mean_over_positions(flat: Tensor) -> Tensor:
    """[N, P, C] to [N, C] float32; on a CPU a product with ones is several times faster than a reduction."""
    if flat.dtype != torch.float32 or flat.is_cuda:
        return flat.mean(1, dtype=torch.promote_types(flat.dtype, torch.float32)).float()
    ones = flat.new_full((1, flat.shape[1]), 1 / flat.shape[1])
    return torch.matmul(ones, flat).squeeze(1)


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Pixels [N, H, W] grey or [N, H, W, 3] in 0..255 as images [N, 3, H, W], by the model's own mean and std."""
    if pixels.ndim == 3:
        pixels = pixels[..., None].expand(-1, -1, -1, 3)
    scaled = pixels.permute(0, 3, 1, 2).float() / 255
    shape = (1, 3, 1, 1)
    return (scaled - scaled.new_tensor(mean).reshape(shape)) / scaled.new_tensor(std).reshape(shape)


def _joined(columns: list[Tensor]) -> NDArray[np.float32]:
    return torch.cat(columns, dim=1).float().cpu().numpy()
