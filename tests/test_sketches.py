"""Sketches against the exact computation over all activations, and the histogram's buckets against their definition."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.network.capture import Activations
from ingest.pictures.sketches import EXAMPLES_PER_UNIT, Sketches, bucket_bound, bucket_index

pytestmark = pytest.mark.usefixtures("two_threads")
UNITS = 5
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(finite)
def test_a_bucket_holds_what_lies_between_its_bounds(value: float) -> None:
    index = bucket_index(np.array([value], np.float32))[0]
    if abs(value) < 2**-24:
        assert index == 0
    else:
        assert math.copysign(1, index) == math.copysign(1, value)
        assert abs(bucket_bound(index)) <= abs(value) < abs(bucket_bound(abs(index) + 1))


def test_buckets_at_their_edges() -> None:
    values = [0.0, -0.0, 2**-24, -(2**-24), 1.0, 1.125, 2.0, -1.0, 3.4028234663852886e38]
    assert bucket_index(np.array(values, np.float32)).tolist() == [0, 0, 1, -1, 193, 194, 201, -193, 1216]
    assert [bucket_bound(index) for index in (0, 1, 193, 194, 201, -193)] == [0, 2**-24, 1, 1.125, 2, -1]


def activations(count: int, seed: int = 0) -> Activations:
    """Means with ties, zeros of both signs, negatives and values beyond the usual buckets."""
    draw = np.random.default_rng(seed)
    mean = draw.standard_normal((count, UNITS), np.float32)
    mean[:, 1] = np.round(mean[:, 1] * 2) / 8  # many ties
    mean[:, 2] = np.maximum(mean[:, 2], 0)
    mean[::3, 2] = -0.0
    mean[:, 3] *= 1e6
    mean[:, 4] = 0
    place = draw.integers(0, 16, (count, UNITS), np.int32)
    return Activations(mean, mean + draw.random((count, UNITS), np.float32), place)


def sketched(batches: list[list[int]], count: int) -> dict[str, pl.DataFrame]:
    shown = activations(count)
    sketches = Sketches(UNITS)
    for batch in batches:
        found = Activations(shown.mean[batch], shown.max[batch], shown.place[batch])
        sketches.add(found, count - 1 - np.array(batch))
    units = np.arange(10, 10 + UNITS, dtype=np.int32)
    return sketches.tables(units, np.full(UNITS, 4, np.int32), np.arange(count)[::-1])


@pytest.mark.parametrize("count", [1, 60, 700, 2_000])
def test_sketches_equal_the_exact_computation(count: int) -> None:
    tables = sketched([list(range(start, min(start + 37, count))) for start in range(0, count, 37)], count)
    shown = activations(count)
    mean, peak, place = shown.mean, shown.max, shown.place
    moments = tables["activation_sketches"]
    assert moments["unit_id"].to_list() == list(range(10, 10 + UNITS))
    assert (moments["stimulus_count"] == count).all()
    np.testing.assert_allclose(moments["activation_sum"], mean.astype(float).sum(0), rtol=1e-12)
    np.testing.assert_allclose(moments["activation_square_sum"], (mean.astype(float) ** 2).sum(0), rtol=1e-12)
    assert moments["positive_count"].to_list() == (mean > 0).sum(0).tolist()
    assert moments["activation_mean_min"].to_list() == mean.min(0).tolist()
    assert moments["activation_max_max"].to_list() == peak.max(0).tolist()
    for unit in range(UNITS):
        mine = tables["top_examples"].filter(unit_id=10 + unit)
        best = sorted(range(count), key=lambda picture: (-mean[picture, unit], -picture))[:EXAMPLES_PER_UNIT]
        assert mine["example_rank"].to_list() == list(range(1, len(best) + 1))
        assert mine["stimulus_index"].to_list() == best
        assert mine["activation_mean"].to_list() == mean[best, unit].tolist()
        assert mine["activation_max"].to_list() == peak[best, unit].tolist()
        assert (mine["max_row_index"] * 4 + mine["max_column_index"]).to_list() == place[best, unit].tolist()
        counts = tables["activation_histograms"].filter(unit_id=10 + unit)
        assert counts["stimulus_count"].sum() == count
        for index, stimulus_count in counts.select("bucket_index", "stimulus_count").rows():
            low, high = abs(bucket_bound(index)), abs(bucket_bound(abs(index) + 1))
            inside = (np.abs(mean[:, unit]) >= low) & (np.abs(mean[:, unit]) < high)
            if index:
                inside &= np.sign(mean[:, unit]) == np.sign(index)
            assert stimulus_count == inside.sum()


def test_the_order_and_size_of_batches_change_nothing_but_the_last_bit_of_a_sum() -> None:
    forwards = sketched([list(range(300))], 300)
    shuffled = np.random.default_rng(1).permutation(300).tolist()
    backwards = sketched([shuffled[start : start + 7] for start in range(0, 300, 7)], 300)
    for name in ("activation_histograms", "top_examples"):
        assert forwards[name].equals(backwards[name])
    sums = ["activation_sum", "activation_square_sum"]
    one, other = forwards["activation_sketches"], backwards["activation_sketches"]
    assert one.drop(sums).equals(other.drop(sums))
    np.testing.assert_allclose(one.select(sums).to_numpy(), other.select(sums).to_numpy(), rtol=1e-13)


def test_nothing_shown_gives_no_rows() -> None:
    assert sketched([], 1) == {}
