"""The kernel of one pair of units, computed on request, and its picture.

Source: definitions.md section 3. Green is excitatory, red inhibitory, white nothing: the article's heat maps.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.expansion.expanded_weights import expanded_weights
from ingest.network.layers import parse_address
from ingest.network.model import ClipModel
from warehouse.errors import UnknownLayer, UnknownUnit

_EXCITATORY = np.array([27, 120, 87])
_INHIBITORY = np.array([178, 42, 52])
_WHITE = np.array([255, 255, 255])
_PICTURE_PX = 448


@dataclass(frozen=True)
class Kernel:
    """Expanded weights [h, w] of one pair; (top, left) is the place of the first in the lower unit's map."""

    weights: NDArray[np.float64]
    top: int
    left: int

    @property
    def magnitude(self) -> float:
        return float(np.linalg.norm(self.weights))


def kernel_of(model: ClipModel, lower_unit: str, upper_unit: str) -> Kernel:
    """Raises UnknownUnit for an address that the model does not have, NoPath when the pair is not connected."""
    lower_layer, lower_channel = _split(model, lower_unit)
    upper_layer, upper_channel = _split(model, upper_unit)
    expanded = expanded_weights(
        model,
        lower_layer,
        upper_layer,
        upper_channels=range(upper_channel, upper_channel + 1),
        lower_channels=[lower_channel],
    )
    return Kernel(expanded.weights[0, 0].astype(np.float64), expanded.support.top, expanded.support.left)


def draw(weights: NDArray[np.float64]) -> Image.Image:
    """A heat map of weights [h, w], the largest absolute weight in full colour."""
    strength = weights / (np.abs(weights).max() or 1)
    colours = np.where(strength[..., None] > 0, _EXCITATORY, _INHIBITORY)
    pixels = _WHITE + np.abs(strength)[..., None] * (colours - _WHITE)
    scale = max(1, _PICTURE_PX // max(weights.shape))
    picture = Image.fromarray(pixels.round().astype(np.uint8))
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _split(model: ClipModel, unit: str) -> tuple[str, int]:
    """Layer name and channel of a unit's address."""
    layer, channel = [], 0
    with suppress(UnknownLayer):
        *layer, channel = parse_address(unit)
    name = "/".join(map(str, layer))
    counts = {layer.layer_name: layer.channel_count for layer in model.layers}
    if channel >= counts.get(name, 0):
        raise UnknownUnit(f"no unit {unit!r} in {model.model_name}: write block/bottleneck/index/channel, like 4/2/5/2")
    return name, channel
