"""Sketches: a summary of each unit's activations over a picture set of any size, in constant memory.

Axes: N pictures of a batch, U units, K examples kept a unit, B buckets.

Buckets of the histogram are log-linear, eight an octave, cut from the bits of the float32 activation x itself: they are
the same for every unit, set and machine.

    bucket_index = 0                                                          where |x| < 2^-24
    bucket_index = sign(x) * (((float32 bits of x & 0x7fffffff) >> 20) - 823)  elsewhere

(bits >> 20 is the biased exponent, then the top three bits of the mantissa; 2^-24 has 824, hence 1.) For b >= 1 the
bucket b holds  bound(b) <= x < bound(b + 1)  with  bound(b) = 2^((b - 1) // 8 - 24) * (1 + (b - 1) % 8 / 8);  bucket -b
holds the mirror image,  -bound(b + 1) < x <= -bound(b).  The largest finite float32 lies in 1216.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import prange
from numpy.typing import NDArray

from ingest.network.capture import Reductions
from ingest.network.device import ReadBack
from ingest.network.numba_loops import compiled, compiled_loop, compiled_ufunc, one_loop_at_a_time

EXAMPLES_PER_UNIT = 100
BUCKET_OFFSET = 823
_USUAL_BUCKETS = 8 * (24 + 6)  # each side, up to 2^6; wider where an activation is larger
LOW = 2**32
NO_KEY = np.iinfo(np.int64).min
NO_MOMENTS = (0.0, 0.0, 0.0, np.inf, -np.inf, -np.inf)  # sums, positives, smallest and largest mean, largest maximum
_BLOCK = 512  # units that one thread takes along: their rows of a batch are read as they lie in memory


def bucket_index(activations: NDArray[np.float32]) -> NDArray[np.int64]:
    """The bucket of each activation, of the same shape."""
    return np.asarray(_bucket(np.ascontiguousarray(activations, np.float32).view(np.int32)))


def bucket_bound(index: int) -> float:
    """The end of a bucket that is nearer to zero; 0 for bucket 0, which reaches from -2^-24 to 2^-24."""
    if index == 0:
        return 0.0
    octave, eighth = divmod(abs(index) - 1, 8)
    return float(np.sign(index)) * 2.0 ** (octave - 24) * (1 + eighth / 8)


class Sketches:
    """Count, moments, extremes, histogram and top examples of U units, batch after batch.

    Pictures are named by their rank in the order that breaks ties (that of their content hashes): the smaller rank goes
    first where two activations are equal, whatever the order in which the batches came. A key is activation, then rank:
    no two are equal.

    floor [U]: activations with smaller keys cannot be top examples, as other parts of the set have enough larger ones.
    """

    def __init__(self, unit_count: int, floor: NDArray[np.int64] | None = None) -> None:
        self.stimulus_count = 0
        self._moments = np.tile(np.array(NO_MOMENTS)[:, None], unit_count)
        self._counts = np.zeros((unit_count, 2 * _USUAL_BUCKETS + 1), np.int32)
        self._floor = np.full(unit_count, NO_KEY) if floor is None else floor
        self._keys = np.full((unit_count, EXAMPLES_PER_UNIT), NO_KEY)  # a heap a unit, the smallest first
        self._peaks = np.zeros(self._keys.shape, np.float32)
        self._places = np.zeros(self._keys.shape, np.int32)

    def add(self, reductions: Reductions, ranks: NDArray[np.int64]) -> None:
        """Take in a batch of N pictures, on the CPU, and their ranks [N]."""
        self.stimulus_count += len(ranks)
        mean, peak, place = reductions.mean.numpy(), reductions.max.numpy(), reductions.place.numpy()
        bits = mean.view(np.int32)
        with one_loop_at_a_time():
            _add_moments(mean, peak, self._moments)
            self._widen(np.abs(self._moments[3:5]).max())
            _add_counts(bits, self._counts)
            _add_examples(bits, peak, place, ranks, self._floor, self._keys, self._peaks, self._places)

    @classmethod
    def of(
        cls,
        stimulus_count: int,
        counts: NDArray[np.int32],
        moments: NDArray[np.float64],
        keys: NDArray[np.int64],
        peaks: NDArray[np.float32],
        places: NDArray[np.int32],
    ) -> Sketches:
        """What has been found elsewhere: counts [U, B] with bucket 0 in the middle, moments [6, U], examples [U, K]."""
        sketches = cls(0)
        sketches.stimulus_count = stimulus_count
        sketches._moments, sketches._counts = moments, counts
        sketches._keys, sketches._peaks, sketches._places = keys, peaks, places
        return sketches

    def read_back(self) -> ReadBack[Sketches]:
        """As in CardSketches; here everything is on the host already."""
        return ReadBack((), lambda: self)

    @property
    def floor(self) -> NDArray[np.int64]:
        """For the sketches of another part of the same set: the smallest key that may matter there, of any rank."""
        smallest = self._keys[:, 0]
        return np.where(smallest > NO_KEY, smallest // LOW * LOW - 1, self._floor)

    def _widen(self, largest: float) -> None:
        """Make room for the bucket of the largest magnitude."""
        beyond = int(bucket_index(np.array([largest], np.float32))[0]) - self._counts.shape[1] // 2
        if beyond > 0:
            self._counts = np.pad(self._counts, ((0, 0), (beyond, beyond)))

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
            "activation_sketches": self._sketches(unit_ids),
            "activation_histograms": self._histograms(unit_ids),
            "top_examples": self._examples(unit_ids, map_widths, index_of_rank),
        }

    def _sketches(self, unit_ids: NDArray[np.int32]) -> pl.DataFrame:
        total, square_total, positive, smallest, largest, peak = self._moments + 0.0  # 0.0 for -0.0
        return pl.DataFrame(
            {
                "unit_id": unit_ids,
                "stimulus_count": np.full(len(unit_ids), self.stimulus_count, np.int64),
                "activation_sum": total,
                "activation_square_sum": square_total,
                "positive_count": positive.astype(np.int64),
                "activation_mean_min": smallest.astype(np.float32),
                "activation_mean_max": largest.astype(np.float32),
                "activation_max_max": peak.astype(np.float32),
            }
        )

    def _histograms(self, unit_ids: NDArray[np.int32]) -> pl.DataFrame:
        units, buckets = self._counts.nonzero()
        return pl.DataFrame(
            {
                "unit_id": unit_ids[units],
                "bucket_index": (buckets - self._counts.shape[1] // 2).astype(np.int16),
                "stimulus_count": self._counts[units, buckets].astype(np.int64),
            }
        )

    def _examples(
        self, unit_ids: NDArray[np.int32], map_widths: NDArray[np.int32], index_of_rank: NDArray[np.int64]
    ) -> pl.DataFrame:
        order = np.argsort(self._keys, axis=1)[:, ::-1]
        keys, peaks, places = (np.take_along_axis(of, order, 1) for of in (self._keys, self._peaks, self._places))
        units, ranks = (keys > NO_KEY).nonzero()
        keys, places = keys[units, ranks], places[units, ranks]
        return pl.DataFrame(
            {
                "unit_id": unit_ids[units],
                "example_rank": ranks.astype(np.int32) + 1,
                "stimulus_index": index_of_rank[LOW - 1 - keys % LOW],
                "activation_mean": _sortable((keys // LOW).astype(np.int32)).astype(np.int32).view(np.float32),
                "activation_max": peaks[units, ranks],
                "max_row_index": places // map_widths[units],
                "max_column_index": places % map_widths[units],
            }
        )


@compiled_ufunc
def _bucket(bits):  # type: ignore[no-untyped-def]
    """The bucket of the float32 with those bits."""
    magnitude = max(0, ((bits & 0x7FFFFFFF) >> 20) - BUCKET_OFFSET)
    return -magnitude if bits < 0 else magnitude


@compiled_ufunc
def _sortable(bits):  # type: ignore[no-untyped-def]
    """Bits of a float32 as integers in its order, and back: two's complement of sign and magnitude; -0.0 is 0.0."""
    if bits >= 0:
        return bits
    return bits ^ 0x7FFFFFFF if bits & 0x7FFFFFFF else 0


@compiled_loop
def _add_moments(mean, peak, moments):  # type: ignore[no-untyped-def]
    """Take mean and maximum [N, U] into moments [6, U], see NO_MOMENTS."""
    for start in prange(-(-mean.shape[1] // _BLOCK)):
        block = slice(start * _BLOCK, (start + 1) * _BLOCK)
        total, square_total, positive = moments[0, block], moments[1, block], moments[2, block]
        smallest, largest, highest = moments[3, block], moments[4, block], moments[5, block]
        for n in range(mean.shape[0]):
            means, peaks = mean[n, block], peak[n, block]
            for unit in range(len(means)):
                value, top = np.float64(means[unit]), np.float64(peaks[unit])
                total[unit] += value
                square_total[unit] += value * value
                positive[unit] += np.float64(value > 0)
                smallest[unit] = min(smallest[unit], value)
                largest[unit] = max(largest[unit], value)
                highest[unit] = max(highest[unit], top)


@compiled_loop
def _add_counts(bits, counts):  # type: ignore[no-untyped-def]
    """Count activations, as bits [N, U], into the buckets of counts [U, B], whose middle is bucket 0."""
    middle = np.int32(counts.shape[1] // 2)
    for start in prange(-(-bits.shape[1] // _BLOCK)):
        block = slice(start * _BLOCK, (start + 1) * _BLOCK)
        of_block = counts[block]
        buckets = np.empty(len(of_block), np.uint32)
        for n in range(bits.shape[0]):
            row = bits[n, block]
            for unit in range(len(row)):  # apart from the counting, so that it is vectorized
                buckets[unit] = middle + max(-middle, min(middle, _bucket(row[unit])))
            for unit in range(len(row)):
                of_block[unit, buckets[unit]] += 1


@compiled_loop
def _add_examples(bits, peak, place, ranks, floor, keys, peaks, places):  # type: ignore[no-untyped-def]
    """Take into the heaps [U, K] what is larger than the floor [U] and than the smallest there."""
    for start in prange(-(-bits.shape[1] // _BLOCK)):
        first = start * _BLOCK
        smallest = np.maximum(floor[first : first + _BLOCK], keys[first : first + _BLOCK, 0])
        least = (smallest // LOW).astype(np.int32)  # most activations need no key to be found too small
        for n in range(bits.shape[0]):
            row = bits[n, first : first + _BLOCK]
            for place_in_block in range(len(row)):
                activation = _sortable(row[place_in_block])
                if activation < least[place_in_block]:
                    continue
                unit, key = first + place_in_block, activation * LOW + (LOW - 1 - ranks[n])
                if key > smallest[place_in_block]:
                    hole = _sink(keys[unit], peaks[unit], places[unit], key)
                    keys[unit, hole], peaks[unit, hole], places[unit, hole] = key, peak[n, unit], place[n, unit]
                    smallest[place_in_block] = max(floor[unit], keys[unit, 0])
                    least[place_in_block] = smallest[place_in_block] // LOW


@compiled
def _sink(keys, peaks, places, key):  # type: ignore[no-untyped-def]
    """Where a key belongs in a heap that loses its smallest; what is smaller moves up."""
    hole, child = 0, 1
    while child < len(keys):
        if child + 1 < len(keys) and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] > key:
            break
        keys[hole], peaks[hole], places[hole] = keys[child], peaks[child], places[child]
        hole, child = child, 2 * child + 1
    return hole
