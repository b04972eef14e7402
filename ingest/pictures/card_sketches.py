"""Sketches on the GPU that computes the activations, which then need not be copied to the host.

Equal to ingest.pictures.sketches except for the last bits of the sums, which are added in another order. Axes: N
pictures of a batch, U units, K examples kept a unit, B buckets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ingest.network.capture import Reductions
from ingest.network.device import ReadBack, sent
from ingest.pictures.sketches import BUCKET_OFFSET, EXAMPLES_PER_UNIT, LOW, NO_KEY, NO_MOMENTS, Sketches

_MAGNITUDE = 0x7FFFFFFF
_MIDDLE = (_MAGNITUDE >> 20) - BUCKET_OFFSET  # no float32 has a bucket beyond: nothing is waited for to make room

_ACTIVATIONS_AT_ONCE = 1 << 25  # few batches: finding the largest takes as long for one as for several

Floor = NDArray[np.int64] | Tensor


def sketches_on(device: torch.device, unit_count: int, floor: Floor | None) -> Sketches | CardSketches:
    """Empty sketches where a trunk computes; floor: as another part's sketches there gave it."""
    if device.type == "cpu":
        assert not isinstance(floor, Tensor)
        return Sketches(unit_count, floor)
    assert not isinstance(floor, np.ndarray)
    return CardSketches(unit_count, device, floor)


class CardSketches:
    """As Sketches, batch after batch, and `read_back` to have them on the host. Nothing is waited for before."""

    def __init__(self, unit_count: int, device: torch.device, floor: Tensor | None = None) -> None:
        self.stimulus_count = 0
        self._waiting: list[tuple[Reductions, Tensor]] = []
        self._waiting_count = 0
        self._moments = torch.tensor(NO_MOMENTS, dtype=torch.float64, device=device)[:, None].repeat(1, unit_count)
        self._counts = torch.zeros(unit_count, 2 * _MIDDLE + 1, dtype=torch.int32, device=device)
        self._keys = torch.full((unit_count, EXAMPLES_PER_UNIT), NO_KEY, device=device)
        self._floor = self._keys[:, 0].clone() if floor is None else floor
        self._peaks = torch.zeros(self._keys.shape, device=device)
        self._places = torch.zeros(self._keys.shape, dtype=torch.int32, device=device)

    def add(self, reductions: Reductions, ranks: NDArray[np.int64]) -> None:
        """Take in a batch of N pictures and their ranks [N], now or together with later ones."""
        self.stimulus_count += len(ranks)
        self._waiting.append((reductions, sent(torch.from_numpy(LOW - 1 - ranks), reductions.mean.device)))
        self._waiting_count += reductions.mean.numel()
        if self._waiting_count >= _ACTIVATIONS_AT_ONCE:
            self._take_in()

    def _take_in(self) -> None:
        """What has been waiting, as one batch."""
        if not self._waiting:
            return
        batches, low = zip(*self._waiting, strict=True)
        mean, peak, place = (torch.cat([getattr(of, name) for of in batches]) for name in ("mean", "max", "place"))
        self._waiting, self._waiting_count = [], 0
        self._add_moments(mean.double(), peak)
        bits = mean.T.contiguous().view(torch.int32)
        self._add_counts(bits)
        self._add_examples(bits, peak.T, place.T, torch.cat(low))

    def _add_moments(self, mean: Tensor, peak: Tensor) -> None:
        sums, (smallest, largest, highest) = self._moments[:3], self._moments[3:]
        sums += torch.stack([mean.sum(0), mean.square().sum(0), (mean > 0).sum(0)])
        torch.minimum(smallest, mean.amin(0), out=smallest)
        torch.maximum(largest, mean.amax(0), out=largest)
        torch.maximum(highest, peak.amax(0).double(), out=highest)

    def _add_counts(self, bits: Tensor) -> None:
        magnitudes = (((bits & _MAGNITUDE) >> 20) - BUCKET_OFFSET).clamp_min_(0)
        buckets = torch.where(bits < 0, -magnitudes, magnitudes).add_(_MIDDLE).long()
        self._counts.scatter_add_(1, buckets, torch.ones_like(bits))

    def _add_examples(self, bits: Tensor, peaks: Tensor, places: Tensor, low: Tensor) -> None:
        """bits, peaks and places [U, N], low [N]: what a key has below its activation."""
        keys = _sortable(bits).long() * LOW + low
        keys.masked_fill_(keys <= self._floor[:, None], NO_KEY)
        self._keys, chosen = torch.cat([self._keys, keys], 1).topk(EXAMPLES_PER_UNIT, dim=1, sorted=False)
        self._peaks = torch.cat([self._peaks, peaks], 1).gather(1, chosen)
        self._places = torch.cat([self._places, places], 1).gather(1, chosen)

    @property
    def floor(self) -> Tensor:
        """As Sketches.floor, on the device."""
        self._take_in()
        smallest = self._keys.amin(1)
        return torch.where(smallest > NO_KEY, smallest.div(LOW, rounding_mode="floor") * LOW - 1, self._floor)

    def read_back(self) -> ReadBack[Sketches]:
        """All of it but the buckets that no activation lies in, at the ends: which they are, the one who waits finds
        out."""
        self._take_in()
        counts, stimulus_count = self._counts, self.stimulus_count

        def made(is_used: NDArray[np.bool_], *found: NDArray[Any]) -> Sketches:
            reach = max(abs(is_used.nonzero()[0] - _MIDDLE), default=0)
            trimmed = counts[:, _MIDDLE - reach : _MIDDLE + reach + 1].contiguous()
            return Sketches.of(stimulus_count, ReadBack([trimmed], np.asarray).wait(), *found)

        return ReadBack([(counts > 0).any(0), self._moments, self._keys, self._peaks, self._places], made)


def _sortable(bits: Tensor) -> Tensor:
    """As sketches._sortable."""
    negative = torch.where(bits & _MAGNITUDE != 0, bits ^ _MAGNITUDE, 0)
    return torch.where(bits >= 0, bits, negative)
