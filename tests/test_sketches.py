"""Sketches against the exact computation over all activations, and the histogram's buckets against their definition."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ingest.network.capture import Activations, Reductions
from ingest.pictures import card_sketches
from ingest.pictures.card_sketches import CardSketches
from ingest.pictures.sketches import EXAMPLES_PER_UNIT, Sketches, bucket_bound, bucket_index

Begin = Callable[[], Sketches | CardSketches]
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


def on_the_cpu() -> Sketches:
    return Sketches(UNITS)


def as_on_a_card() -> CardSketches:
    return CardSketches(UNITS, torch.device("cpu"))


@pytest.fixture(params=[1, 600, 1 << 30], ids=["each batch", "several", "all"])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many activations a card takes in together."""
    monkeypatch.setattr(card_sketches, "_ACTIVATIONS_AT_ONCE", request.param)


def sketched(batches: list[list[int]], count: int, begin: Begin = on_the_cpu) -> dict[str, pl.DataFrame]:
    shown = activations(count)
    whole = Reductions(*(torch.from_numpy(of) for of in (shown.mean, shown.max, shown.place)))
    sketches = begin()
    for batch in batches:
        sketches.add(whole[batch], count - 1 - np.array(batch))
    units = np.arange(10, 10 + UNITS, dtype=np.int32)
    return sketches.read_back().wait().tables(units, np.full(UNITS, 4, np.int32), np.arange(count)[::-1])


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("begin", [on_the_cpu, as_on_a_card])
@pytest.mark.parametrize("count", [1, 60, 700, 2_000])
def test_sketches_equal_the_exact_computation(count: int, begin: Begin) -> None:
    tables = sketched([list(range(start, min(start + 37, count))) for start in range(0, count, 37)], count, begin)
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


@pytest.mark.parametrize("begin", [on_the_cpu, as_on_a_card])
def test_what_is_below_the_floor_of_another_part_is_not_kept(begin: Begin) -> None:
    """A part that begins with the floor of one before keeps what may still be among the best of both, and no more."""
    shown = activations(600)
    whole = Reductions(*(torch.from_numpy(of) for of in (shown.mean, shown.max, shown.place)))
    ranks = np.arange(600)
    first = begin()
    first.add(whole[list(range(400))], ranks[:400])
    later = type(first)(UNITS, *([torch.device("cpu")] if isinstance(first, CardSketches) else []), first.floor)
    later.add(whole[list(range(400, 600))], ranks[400:])
    units = np.arange(UNITS, dtype=np.int32)
    tables = [of.read_back().wait().tables(units, np.ones(UNITS, np.int32), ranks) for of in (first, later)]
    for unit in range(UNITS):
        best = sorted(range(600), key=lambda picture: (-shown.mean[picture, unit], picture))[:EXAMPLES_PER_UNIT]
        kept = [table["top_examples"].filter(unit_id=unit) for table in tables]
        assert set(best) <= {index for table in kept for index in table["stimulus_index"]}
        worst = np.sort(shown.mean[:400, unit])[-EXAMPLES_PER_UNIT]
        assert kept[1].is_empty() or kept[1]["activation_mean"].min() >= worst
    assert (np.asarray(later.floor) >= np.asarray(first.floor)).all()


@pytest.mark.parametrize("begin", [on_the_cpu, as_on_a_card])
def test_nothing_shown_gives_no_rows(begin: Begin) -> None:
    assert sketched([], 1, begin) == {}
