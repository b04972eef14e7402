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

from collections.abc import Sequence

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

EXAMPLES_PER_UNIT = 100
SMALLEST = 2.0**-24
_BUCKET_OFFSET = 823
_USUAL_BUCKETS = 8 * (24 + 6)  # each side, up to 2^6; wider where an activation is larger
_LOW = 2**32


def bucket_index(activations: Tensor) -> Tensor:
    """The bucket of each float32 activation, int32, of the same shape."""
    bits = activations.contiguous().view(torch.int32)
    magnitude = ((bits & 0x7FFFFFFF) >> 20) - _BUCKET_OFFSET
    return torch.where(activations.abs() < SMALLEST, 0, torch.where(bits < 0, -magnitude, magnitude))


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
    """

    def __init__(self, unit_count: int, device: str | torch.device) -> None:
        shape = (unit_count,)
        self.stimulus_count = 0
        self._sum = torch.zeros(shape, dtype=torch.float64, device=device)
        self._square_sum = torch.zeros_like(self._sum)
        self._positive_count = torch.zeros(shape, dtype=torch.int64, device=device)
        self._mean_min = torch.full(shape, torch.inf, device=device)
        self._mean_max = torch.full_like(self._mean_min, -torch.inf)
        self._max_max = torch.full_like(self._mean_min, -torch.inf)
        self._counts = torch.zeros((unit_count, 2 * _USUAL_BUCKETS + 1), dtype=torch.int32, device=device)
        self._floor = torch.full_like(self._mean_min, -torch.inf)  # no smaller activation becomes a top example
        self._keys = torch.empty((unit_count, 0), dtype=torch.int64, device=device)
        self._peaks = torch.empty((unit_count, 0), device=device)
        self._places = torch.empty((unit_count, 0), dtype=torch.int32, device=device)

    def may_be_example(self, mean: Tensor, first_unit: int) -> Tensor:
        """Which of the activations [N, C], of units first_unit and on, may become top examples."""
        return mean >= self._floor[first_unit : first_unit + mean.shape[1]]

    def add(self, mean: Tensor, peak: Tensor, place: Tensor, ranks: Sequence[int]) -> None:
        """Take in a batch: spatial mean and maximum [N, U] float32, the maximum's flat position [N, U], ranks [N]."""
        mean = mean + 0.0  # -0.0 becomes 0.0: the two are equal
        self.stimulus_count += len(mean)
        self._sum += mean.sum(0, dtype=torch.float64)
        self._square_sum += mean.double().square_().sum(0)
        self._positive_count += (mean > 0).sum(0)
        self._mean_min = torch.minimum(self._mean_min, mean.amin(0))
        self._mean_max = torch.maximum(self._mean_max, mean.amax(0))
        self._max_max = torch.maximum(self._max_max, peak.amax(0))
        self._count(bucket_index(mean))
        self._rank(mean, peak, place, ranks)

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

    def _count(self, buckets: Tensor) -> None:
        half = self._counts.shape[1] // 2
        if (beyond := int(buckets.abs().max()) - half) > 0:
            self._counts, half = F.pad(self._counts, (beyond, beyond)), half + beyond
        flat = torch.arange(len(self._counts), device=buckets.device) * self._counts.shape[1] + half + buckets
        ones = torch.ones(1, dtype=torch.int32, device=buckets.device).expand(flat.numel())
        self._counts.view(-1).scatter_add_(0, flat.view(-1), ones)

    def _rank(self, mean: Tensor, peak: Tensor, place: Tensor, ranks: Sequence[int]) -> None:
        """Keep the K largest of what was kept and the batch; a key is activation, then rank: no two are equal."""
        behind = torch.tensor(ranks, dtype=torch.int64, device=mean.device).neg_().add_(_LOW - 1)
        keys = torch.cat((self._keys, (_sortable(mean) * _LOW + behind[:, None]).T), dim=1)
        kept = _largest(keys, min(EXAMPLES_PER_UNIT, keys.shape[1]))
        self._keys = keys.gather(1, kept)
        if kept.shape[1] == EXAMPLES_PER_UNIT:
            self._floor = _activation(self._keys.amin(1))
        self._peaks = torch.cat((self._peaks, peak.T), dim=1).gather(1, kept)
        self._places = torch.cat((self._places, place.T.to(torch.int32)), dim=1).gather(1, kept)

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
        kept = self._keys.shape[1]
        order = self._keys.argsort(dim=1, descending=True)
        keys = self._keys.gather(1, order).cpu()
        places, widths = self._places.gather(1, order).cpu().numpy().ravel(), np.repeat(map_widths, kept)
        return pl.DataFrame(
            {
                "unit_id": np.repeat(unit_ids, kept),
                "example_rank": np.tile(np.arange(1, kept + 1, dtype=np.int32), len(unit_ids)),
                "stimulus_index": index_of_rank[(_LOW - 1 - keys % _LOW).numpy().ravel()],
                "activation_mean": _activation(keys).numpy().ravel(),
                "activation_max": self._peaks.gather(1, order).cpu().numpy().ravel(),
                "max_row_index": places // widths,
                "max_column_index": places % widths,
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
