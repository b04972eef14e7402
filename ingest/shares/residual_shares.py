"""How much of a block's output comes from the shortcut and the convolutions: norms and products of both maps.

Axes: N images, C channels of a bottleneck's output, H and W positions, P pairs of an image and a channel.

Source: definitions.md section 5. Definition `published` compares raw convolution outputs (before batch norm), as the
article did; `added` batch-norm outputs, what the network adds. Where there is no downsample convolution, the shortcut
is the previous block's output in both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor

from ingest.network.capture import compared
from ingest.network.device import ReadBack
from ingest.network.trunk import Bottleneck, Convolution, Trunk, forward

PUBLISHED, ADDED = "published", "added"


@dataclass(frozen=True)
class UnfoldedTrunk:
    """A trunk whose measured bottlenecks end in raw convolutions; `folded` holds these bottlenecks as they were."""

    trunk: Trunk
    folded: Mapping[str, Bottleneck]


@dataclass(frozen=True)
class Branches:
    """The two branches of a bottleneck, each number over a whole map: L2 norms and dot product, each [N, C]."""

    bottleneck_name: str
    definition: str
    shortcut_norm: NDArray[np.float64]
    residual_norm: NDArray[np.float64]
    product: NDArray[np.float64]


@dataclass(frozen=True)
class ShareStatistics:
    """Averages over each channel's images, each [C]; NaN where there is nothing to average."""

    image_count: NDArray[np.int32]
    shortcut_norm: NDArray[np.float64]
    residual_norm: NDArray[np.float64]
    shortcut_share: NDArray[np.float64]
    shortcut_share_deviation: NDArray[np.float64]
    cosine_similarity: NDArray[np.float64]


def unfold(trunk: Trunk, visual: ModifiedResNet, names: Collection[str]) -> UnfoldedTrunk:
    """The trunk with the named bottlenecks (`4/2`) ending in the raw convolutions of `visual`, their batch norms apart.

    Undoing the folded batch norm, (output - shift) / scale, would lose digits at a small scale and everything at 0.
    """
    folded = {bottleneck.name: bottleneck for bottleneck in trunk.bottlenecks if bottleneck.name in names}
    bottlenecks = tuple(
        _unfolded(bottleneck, visual) if bottleneck.name in folded else bottleneck for bottleneck in trunk.bottlenecks
    )
    return UnfoldedTrunk(replace(trunk, bottlenecks=bottlenecks), folded)


def branches(unfolded: UnfoldedTrunk, images: Tensor) -> Iterator[ReadBack[Branches]]:
    """Run images [N, 3, H, W] once; both definitions of every measured bottleneck as it comes, then stop.

    The raw maps are measured first, then become batch-norm outputs in place, and the pass goes on. A GPU is not waited
    for: it may still be running the pass.
    """
    previous = residual = torch.empty(0)
    remaining = len(unfolded.folded)
    for name, maps in forward(unfolded.trunk, images):
        bottleneck_name, op = name.rsplit("/", 1)
        bottleneck = unfolded.folded.get(bottleneck_name)
        if op in ("6", "8"):
            previous = maps
        if op == "5":
            residual = maps
        if bottleneck is None or op != ("7" if bottleneck.downsample else "5"):
            continue
        shortcut = maps if bottleneck.downsample else previous
        yield _measured(bottleneck_name, PUBLISHED, shortcut, residual)
        _batch_normalise_(residual, bottleneck.conv3)
        if bottleneck.downsample:
            _batch_normalise_(shortcut, bottleneck.downsample)
        yield _measured(bottleneck_name, ADDED, shortcut, residual)
        remaining -= 1
        if not remaining:
            return


class ShareSums:
    """Sums over pairs of an image and a channel, from which each channel's averages follow; memory is a few [C]."""

    def __init__(self, channel_count: int) -> None:
        self._channel_count = channel_count
        self._sums: dict[str, NDArray[np.float64]] = {}

    def add(self, batch: Branches, images: NDArray[np.intp], channels: NDArray[np.intp]) -> None:
        """Add the pairs (images[p], channels[p]) of `batch`; images [P] are places in its N."""
        shortcut, residual, product = (
            values[images, channels] for values in (batch.shortcut_norm, batch.residual_norm, batch.product)
        )
        total, both = shortcut + residual, shortcut * residual
        share = np.divide(shortcut, total, out=np.zeros_like(total), where=total > 0)
        cosine = np.divide(product, both, out=np.zeros_like(both), where=both > 0).clip(-1, 1)
        measured = {
            "images": np.ones_like(total),
            "shortcut": shortcut,
            "residual": residual,
            "shares": (total > 0).astype(float),
            "share": share,
            "squared": share * share,
            "cosines": (both > 0).astype(float),
            "cosine": cosine,
        }
        for name, values in measured.items():
            self._sum(name)[:] += np.bincount(channels, values, self._channel_count)

    def statistics(self) -> ShareStatistics:
        count = self._sum("shares")
        share = _ratio(self._sum("share"), count)
        spread = self._sum("squared") - np.nan_to_num(share) * self._sum("share")
        return ShareStatistics(
            image_count=self._sum("images").astype(np.int32),
            shortcut_norm=_ratio(self._sum("shortcut"), self._sum("images")),
            residual_norm=_ratio(self._sum("residual"), self._sum("images")),
            shortcut_share=share,
            shortcut_share_deviation=np.sqrt(_ratio(spread.clip(0), count - 1)),
            cosine_similarity=_ratio(self._sum("cosine"), self._sum("cosines")),
        )

    def _sum(self, name: str) -> NDArray[np.float64]:
        return self._sums.setdefault(name, np.zeros(self._channel_count))


def _unfolded(bottleneck: Bottleneck, visual: ModifiedResNet) -> Bottleneck:
    module = getattr(visual, f"layer{bottleneck.block_index}")[bottleneck.bottleneck_index]
    conv3 = _raw(bottleneck.conv3, module.conv3.weight)
    downsample = bottleneck.downsample and _raw(bottleneck.downsample, module.downsample[1].weight)
    return replace(bottleneck, conv3=conv3, downsample=downsample)


def _raw(convolution: Convolution, weight: Tensor) -> Convolution:
    moved = weight.detach().to(convolution.weight, memory_format=torch.channels_last)
    return replace(convolution, weight=moved, shift=torch.zeros_like(convolution.shift))


def _batch_normalise_(maps: Tensor, folded: Convolution) -> None:
    maps.mul_(folded.scale[:, None, None]).add_(folded.shift[:, None, None])


def _measured(bottleneck_name: str, definition: str, shortcut: Tensor, residual: Tensor) -> ReadBack[Branches]:
    """Norms and product of two maps [N, C, H, W]; half precision is summed in float32."""

    def read(*found: NDArray[np.float32]) -> Branches:
        shortcut_norm, residual_norm, product = (each.astype(np.float64) for each in found)
        return Branches(bottleneck_name, definition, shortcut_norm, residual_norm, product)

    return ReadBack(compared(shortcut, residual), read)


def _ratio(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
