"""Sketches: what is kept of each unit's activations over a picture set of any size, in memory that does not grow.

Axes: N pictures of a batch, U units, K examples kept a unit. Everything lives on the device of the maps.

Buckets of the histogram are log-linear, eight an octave, cut from the bits of the float32 activation x itself, so that
they are the same for every unit, set and machine:

    bucket_index = 0                                                          where |x| < 2^-24
    bucket_index = sign(x) * (((float32 bits of x & 0x7fffffff) >> 20) - 823)  elsewhere

(bits >> 20 is the biased exponent, then the top three bits of the mantissa; 2^-24 has 824, hence 1.) For b >= 1 the
bucket b holds  bound(b) <= x < bound(b + 1)  with  bound(b) = 2^((b - 1) // 8 - 24) * (1 + (b - 1) % 8 / 8);  bucket -b
holds the mirror image,  -bound(b + 1) < x <= -bound(b).  The largest finite float32 lies in 1216.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ingest.capture import Examined

EXAMPLES_PER_UNIT = 100
_BUCKET_OFFSET = 823
_USUAL_BUCKETS = 8 * (24 + 6)  # each side, up to 2^6; wider where an activation is larger
_CANDIDATES_PER_UNIT = 50  # beside the kept examples: with more than that, the largest are chosen anew
_UNITS_AT_A_TIME = 1_024  # so many units' activations on a batch stay in a processor's cache
_LOW = 2**32
_NO_KEY = torch.iinfo(torch.int64).min


def bucket_index(activations: Tensor) -> Tensor:
    """The bucket of each float32 activation, int32, of the same shape."""
    bits = activations.contiguous().view(torch.int32)
    magnitude = (bits & 0x7FFFFFFF).bitwise_right_shift_(20).sub_(_BUCKET_OFFSET).clamp_(min=0)
    return torch.where(bits < 0, -magnitude, magnitude)


def bucket_bound(index: int) -> float:
    """The end of a bucket that is nearer to zero; 0 for bucket 0, which reaches from -2^-24 to 2^-24."""
    if index == 0:
        return 0.0
    octave, eighth = divmod(abs(index) - 1, 8)
    return float(np.sign(index)) * 2.0 ** (octave - 24) * (1 + eighth / 8)


class Sketches:
    """Count, moments, extremes, histogram and top examples of U units, batch after batch.

    Pictures are named by their rank in the order that breaks ties (that of their content hashes): the smaller rank goes
    first where two activations are equal, whatever the order in which the batches came.

    floor [U]: activations below it are no top examples, as those of other parts of the set are known to be larger.
    """

    def __init__(self, unit_count: int, device: str | torch.device, floor: Tensor | None = None) -> None:
        shape = (unit_count,)
        self.stimulus_count = 0
        self._sum = torch.zeros(shape, dtype=torch.float64, device=device)
        self._square_sum = torch.zeros_like(self._sum)
        self._positive_count = torch.zeros(shape, dtype=torch.int64, device=device)
        self._mean_min = torch.full(shape, torch.inf, device=device)
        self._mean_max = torch.full_like(self._mean_min, -torch.inf)
        self._max_max = torch.full_like(self._mean_min, -torch.inf)
        self._counts = torch.zeros((unit_count, 2 * _USUAL_BUCKETS + 1), dtype=torch.int32, device=device)
        self.floor = self._mean_max.clone() if floor is None else floor
        self._floor_keys = torch.full(shape, _NO_KEY, dtype=torch.int64, device=device)
        self._filled = torch.zeros(shape, dtype=torch.int64, device=device)
        slots = (unit_count, EXAMPLES_PER_UNIT + _CANDIDATES_PER_UNIT)
        self._keys = torch.full(slots, _NO_KEY, dtype=torch.int64, device=device)
        self._peaks = torch.empty(slots, device=device)
        self._places = torch.empty(slots, dtype=torch.int32, device=device)

    def add(self, found: Examined, ranks: Tensor) -> None:
        """Take in a batch of N pictures and their ranks [N] int64."""
        self.stimulus_count += len(found.mean)
        for start in range(0, len(self._sum), _UNITS_AT_A_TIME):
            units = slice(start, start + _UNITS_AT_A_TIME)
            self._add_moments(found.mean[:, units] + 0.0, found.max[:, units], units)
        self._rank(found, ranks)

    def tables(
        self,
        unit_ids: NDArray[np.int32],
        map_widths: NDArray[np.int32],
        index_of_rank: NDArray[np.int64],
    ) -> dict[str, pl.DataFrame]:
        """Rows of activation_sketches, activation_histograms and top_examples, without run_id.

        unit_ids and map_widths [U] in the order of the units; index_of_rank gives each rank's stimulus_index.
        """
        if not self.stimulus_count:
            return {}
        return {
            "activation_sketches": self._moments(unit_ids),
            "activation_histograms": self._histograms(unit_ids),
            "top_examples": self._examples(unit_ids, map_widths, index_of_rank),
        }

    def _add_moments(self, mean: Tensor, peak: Tensor, units: slice) -> None:
        """Take in mean (0.0 for -0.0) and maximum [N, n] of n of the units."""
        exact = mean.double()
        self._sum[units] += exact.sum(0)
        self._square_sum[units] += exact.square_().sum(0)
        self._positive_count[units] += (mean > 0).sum(0)
        smallest, largest = mean.amin(0), mean.amax(0)
        self._mean_min[units] = torch.minimum(self._mean_min[units], smallest)
        self._mean_max[units] = torch.maximum(self._mean_max[units], largest)
        self._max_max[units] = torch.maximum(self._max_max[units], peak.amax(0))
        half = self._counts.shape[1] // 2
        if (beyond := int(bucket_index(torch.maximum(-smallest, largest).amax())) - half) > 0:
            self._counts, half = F.pad(self._counts, (beyond, beyond)), half + beyond
        buckets = bucket_index(mean.T)  # a unit's lie together, and so do its counts
        ones = torch.ones(1, dtype=torch.int32, device=mean.device).expand_as(buckets)
        self._counts[units].scatter_add_(1, buckets.to(torch.int64).add_(half), ones)

    def _rank(self, found: Examined, ranks: Tensor) -> None:
        """Take in what may be among the K largest; a key is activation, then rank: no two are equal."""
        units, pictures = (found.mean >= self.floor).T.nonzero(as_tuple=True)
        keys = _sortable(found.mean[pictures, units] + 0.0) * _LOW + (_LOW - 1 - ranks[pictures])
        is_larger = keys > self._floor_keys[units]
        units, pictures, keys = units[is_larger], pictures[is_larger], keys[is_larger]
        counts = torch.bincount(units, minlength=len(self._keys))
        if (beyond := int((self._filled + counts).max()) - self._keys.shape[1]) > 0:
            self._keys = F.pad(self._keys, (0, beyond), value=_NO_KEY)
            self._peaks, self._places = F.pad(self._peaks, (0, beyond)), F.pad(self._places, (0, beyond))
        before = (counts.cumsum(0) - counts)[units]
        slots = self._filled[units] + torch.arange(len(units), device=units.device) - before
        self._keys[units, slots] = keys
        self._peaks[units, slots] = found.max[pictures, units]
        self._places[units, slots] = found.place[pictures, units].to(torch.int32)
        self._filled += counts
        if int(self._filled.max()) > EXAMPLES_PER_UNIT + _CANDIDATES_PER_UNIT:
            self._choose()

    def _choose(self) -> None:
        """Keep the K largest keys of each unit, the largest first, and raise the floors to the smallest of them."""
        chosen = _largest(self._keys, EXAMPLES_PER_UNIT)
        kept, order = self._keys.gather(1, chosen).sort(dim=1, descending=True)
        chosen = chosen.gather(1, order)
        self._floor_keys = kept[:, -1]
        is_full = self._floor_keys > _NO_KEY
        self.floor = torch.where(is_full, _activation(self._floor_keys), self.floor)
        self._filled = (kept > _NO_KEY).sum(1)
        self._keys.fill_(_NO_KEY)[:, :EXAMPLES_PER_UNIT] = kept
        for slots in (self._peaks, self._places):
            slots[:, :EXAMPLES_PER_UNIT] = slots.gather(1, chosen)

    def _moments(self, unit_ids: NDArray[np.int32]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "unit_id": unit_ids,
                "stimulus_count": np.full(len(unit_ids), self.stimulus_count, np.int64),
                "activation_sum": self._sum.cpu().numpy(),
                "activation_square_sum": self._square_sum.cpu().numpy(),
                "positive_count": self._positive_count.cpu().numpy(),
                "activation_mean_min": self._mean_min.cpu().numpy(),
                "activation_mean_max": self._mean_max.cpu().numpy(),
                "activation_max_max": self._max_max.cpu().numpy(),
            }
        )

    def _histograms(self, unit_ids: NDArray[np.int32]) -> pl.DataFrame:
        counts = self._counts.cpu().numpy()
        units, buckets = counts.nonzero()
        return pl.DataFrame(
            {
                "unit_id": unit_ids[units],
                "bucket_index": (buckets - counts.shape[1] // 2).astype(np.int16),
                "stimulus_count": counts[units, buckets].astype(np.int64),
            }
        )

    def _examples(
        self, unit_ids: NDArray[np.int32], map_widths: NDArray[np.int32], index_of_rank: NDArray[np.int64]
    ) -> pl.DataFrame:
        self._choose()
        units, ranks = (self._keys[:, :EXAMPLES_PER_UNIT] > _NO_KEY).nonzero(as_tuple=True)
        keys, places = self._keys[units, ranks].cpu(), self._places[units, ranks].cpu().numpy()
        peaks = self._peaks[units, ranks].cpu().numpy()
        rows = units.cpu().numpy()
        return pl.DataFrame(
            {
                "unit_id": unit_ids[rows],
                "example_rank": ranks.cpu().numpy().astype(np.int32) + 1,
                "stimulus_index": index_of_rank[(_LOW - 1 - keys % _LOW).numpy()],
                "activation_mean": _activation(keys).numpy(),
                "activation_max": peaks,
                "max_row_index": places // map_widths[rows],
                "max_column_index": places % map_widths[rows],
            }
        )


def _sortable(values: Tensor) -> Tensor:
    """Float32 values as int64 in the same order: two's complement of the sign-magnitude bits."""
    bits = values.contiguous().view(torch.int32)
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits).to(torch.int64)


def _activation(keys: Tensor) -> Tensor:
    """The float32 activation in a key."""
    bits = torch.div(keys, _LOW, rounding_mode="floor").to(torch.int32)
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits).view(torch.float32)


def _largest(keys: Tensor, count: int) -> Tensor:
    """Where the largest keys of each row lie, in no order; on a CPU NumPy's selection is faster than torch's."""
    if keys.is_cuda:
        return keys.topk(count, dim=1, sorted=False).indices
    return torch.from_numpy(np.argpartition(keys.numpy(), -count, axis=1)[:, -count:])
