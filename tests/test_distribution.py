"""The SQL of contribution statistics, and the dip, against scipy, diptest, numpy and sets worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import diptest
import duckdb
import numpy as np
import polars as pl
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import distribution
from ingest.weights.contributions import with_dips

SHAPE = ("skewness", "excess_kurtosis", "sarle_coefficient", "laplace_gain")
SIZES = ("absolute_mean", "positive_mean", "negative_mean", "l2_norm")
SIGNED = ("skewness", "sign_balance")
_SETS, _NAMES = 101, (*SHAPE, *SIZES, "near_zero_share", "sign_balance", "dip", "dip_p_value", "zero_density_ratio")
_open: list[duckdb.DuckDBPyConnection] = []  # of the module's fixture: hypothesis wants none for each example


@pytest.fixture(scope="module", autouse=True)
def weights(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A warehouse to put sets into as the weights of one pair of layers of one cell."""
    path = Path(shutil.copy(built, tmp_path_factory.mktemp("sets") / "w.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into models values (1, 'RN50', 'none', 'w', 224, 2, 0);"
            "insert into layers select i, 1, i::text, 0, 0, 0, i, 'conv', '', 0, 1, 1, '' from range(1, 3) as t(i);"
            "insert into layer_pairs values (1, 1, 2, 0, 0, 1, 1, 1, false)"
        )
        _open.append(connection)
        yield
        _open.clear()


def put(sums: np.ndarray, magnitudes: np.ndarray) -> duckdb.DuckDBPyConnection:
    """Sets [S, n] of contributions as weights from S lower units to n upper ones."""
    (connection,) = _open
    count, size = sums.shape
    assert count < _SETS
    connection.execute("delete from units; delete from expanded_weights")
    connection.execute(
        "insert into units select unit_id, if(unit_id < $first, 1, 2), unit_id, unit_id::text, 1, 0 "
        "from (select unnest(list_concat(range($count), range($first, $first + $size))) as unit_id)",
        {"first": _SETS, "count": count, "size": size},
    )
    connection.execute(
        "insert into expanded_weights select 1, place // $size, $first + place % $size, weight_sum, 0, weight_l2 "
        "from (select unnest(range(len($sums))) as place, unnest($sums) as weight_sum, unnest($l2) as weight_l2)",
        {"first": _SETS, "size": size, "sums": sums.ravel().tolist(), "l2": magnitudes.ravel().tolist()},
    )
    return connection


def statistics(sets: np.ndarray) -> dict[str, np.ndarray]:
    """Every statistic of the sets [S, n], rounded to float32 first, as SQL computes them and the job adds the dip."""
    asked = "from computed_contribution_statistics where direction = 'forward' order by unit_id"
    computed = put(sets, np.abs(sets)).sql(asked).pl()
    assert computed["contribution_count"].to_list() == [sets.shape[1]] * len(sets)
    with ThreadPoolExecutor(1) as pool:
        complete = with_dips(computed, pool).sort("unit_id")
    return {name: complete[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in _NAMES}


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """That of a pair of layers with such |means| and magnitudes; nan for null."""
    row = put(first[None], second[None]).execute("from rank_correlations(1, [1], 2)").fetchone()
    assert row is not None
    assert row[:2] == (1, 2)
    return float("nan") if row[2] is None else row[2]


def rounded(*sets: np.ndarray) -> np.ndarray:
    """As expanded_weights stores them."""
    return np.stack(sets).astype(np.float32).astype(np.float64)


def drawn(count: int = 200) -> np.ndarray:
    """Sets [6, count] of several shapes and sizes, unsorted."""
    random = np.random.default_rng(7)
    return rounded(
        random.normal(size=count),
        random.laplace(3, 0.01, count),
        random.exponential(1e-6, count),
        random.uniform(-5, 2, count),
        np.concatenate([random.normal(-4, 1, count // 2), random.normal(4, 1, count - count // 2)]),
        random.standard_t(3, count) * 1e4,
    )


def one(*values: float) -> dict[str, float]:
    """Every statistic of a single set."""
    return {name: column.item() for name, column in statistics(np.array([values], float)).items()}


def is_nan(measured: dict[str, float]) -> set[str]:
    return {name for name, value in measured.items() if np.isnan(value)}


# Shape


@pytest.mark.parametrize("count", [4, 5, 200])
def test_skewness_and_kurtosis_are_scipys_sample_ones(count: int) -> None:
    sets = drawn(count)
    found = statistics(sets)
    np.testing.assert_allclose(found["skewness"], scipy.stats.skew(sets, axis=1, bias=False), rtol=1e-9)
    np.testing.assert_allclose(found["excess_kurtosis"], scipy.stats.kurtosis(sets, axis=1, bias=False), rtol=1e-9)


def test_laplace_gain_is_the_difference_of_the_fitted_log_likelihoods() -> None:
    sets = drawn()
    for values, gain in zip(sets, statistics(sets)["laplace_gain"], strict=True):
        laplace = scipy.stats.laplace.logpdf(values, *scipy.stats.laplace.fit(values)).mean()
        normal = scipy.stats.norm.logpdf(values, *scipy.stats.norm.fit(values)).mean()
        assert gain == pytest.approx(laplace - normal, abs=1e-9)


def test_laplace_gain_of_a_set_worked_out_by_hand() -> None:
    # Mean 2, variance 25.2; median 0, mean absolute deviation from it 2.8.
    expected = 0.5 * (np.log(2 * np.pi * 25.2) + 1) - (np.log(2 * 2.8) + 1)
    assert one(-1, 12, 0, -1, 0)["laplace_gain"] == pytest.approx(expected)


@pytest.mark.parametrize("count", [4, 200])
def test_sarles_coefficient_is_that_of_the_definition(count: int) -> None:
    sets = drawn(count)
    skewness, kurtosis = (f(sets, axis=1, bias=False) for f in (scipy.stats.skew, scipy.stats.kurtosis))
    expected = (skewness**2 + 1) / (kurtosis + 3 * (count - 1) ** 2 / ((count - 2) * (count - 3)))
    np.testing.assert_allclose(statistics(sets)["sarle_coefficient"], expected, rtol=1e-9)


def test_sarles_coefficient_of_known_distributions() -> None:
    quantiles = (np.arange(20_000) + 0.5) / 20_000
    found = statistics(np.stack([quantiles, scipy.stats.norm.ppf(quantiles), np.repeat([0.0, 1.0], 10_000)]))
    np.testing.assert_allclose(found["sarle_coefficient"], [5 / 9, 1 / 3, 1], rtol=1e-3)


def test_laplace_gain_tells_exponential_from_normal() -> None:
    quantiles = (np.arange(2_000) + 0.5) / 2_000
    sets = np.stack([scipy.stats.laplace.ppf(quantiles), scipy.stats.norm.ppf(quantiles)])
    laplace, normal = statistics(sets)["laplace_gain"]
    assert laplace > 0.05
    assert normal < -0.03


# Modes


def test_dip_and_its_p_value_are_those_of_the_package_on_unsorted_sets() -> None:
    sets = drawn()
    found = statistics(sets)
    for row, values in enumerate(sets):
        assert (found["dip"][row], found["dip_p_value"][row]) == pytest.approx(diptest.diptest(values), rel=1e-12)


def test_two_clear_groups_have_a_small_p_value_and_an_empty_middle() -> None:
    random = np.random.default_rng(1)
    groups = np.concatenate([random.normal(-5, 0.5, 150), random.normal(5, 0.5, 150)])
    found = one(*random.permutation(groups))
    assert found["dip_p_value"] < 0.001
    assert found["zero_density_ratio"] == 0
    assert found["sarle_coefficient"] > 0.9


def test_one_group_has_a_large_p_value_and_no_notch() -> None:
    found = one(*scipy.stats.norm.ppf((np.arange(301) + 0.5) / 301))
    assert found["dip_p_value"] > 0.9
    assert found["zero_density_ratio"] > 1
    assert found["sarle_coefficient"] < 0.4


def test_zero_density_is_smoothed_and_compared_with_the_highest_beside_it() -> None:
    # Root mean square 1 (the two at +-2.7 see to that): a bin is 6/41 wide. The middle bin holds four, its neighbours
    # none: 4 * 2 = 8 after smoothing. Beside, six at 0.5 in one bin: 12.
    far = np.sqrt((12 - 6 * 0.25) / 2)
    values = [0.0] * 4 + [0.5] * 6 + [far, -far]
    assert np.mean(np.square(values)) == pytest.approx(1)
    assert one(*values)["zero_density_ratio"] == pytest.approx(8 / 12)


def test_the_neighbours_of_the_middle_bin_count_half_to_zero_and_are_not_beside_it() -> None:
    # As above, with the four in the bin next to the middle, and six at 0.5 as before: 4 * 1 over 6 * 2.
    far = np.sqrt((12 - 6 * 0.25 - 4 * 0.01) / 2)
    assert one(*[0.1] * 4, *[0.5] * 6, far, -far)["zero_density_ratio"] == pytest.approx(4 / 12)


def test_values_beyond_three_root_mean_squares_are_not_a_peak() -> None:
    # Root mean square 2.3: 50 at 12 and 50 at -12 would be the highest peak, 30 at 1 is the highest inside.
    values = [0.0] * 2_500 + [1.0] * 30 + [12.0] * 50 + [-12.0] * 50
    assert one(*values)["zero_density_ratio"] == pytest.approx(2_500 / 30)


def test_where_nothing_lies_beside_zero_there_is_no_ratio() -> None:
    assert np.isnan(one(*[0.0] * 999, 1)["zero_density_ratio"])


# Versatility


def test_versatility_of_a_set_worked_out_by_hand() -> None:
    # Sum of squares 400, four members: root mean square 10, near zero below 1.
    found = one(-16, 12, 0, 0)
    assert found["absolute_mean"] == 7
    assert found["positive_mean"] == 12
    assert found["negative_mean"] == -16
    assert found["l2_norm"] == 20
    assert found["near_zero_share"] == 0.5
    assert found["sign_balance"] == 0


def test_near_zero_is_below_a_tenth_of_the_root_mean_square() -> None:
    # Root mean square a little above 10 in both.
    assert one(10, 10, -10, 10, 10.5, 1.1)["near_zero_share"] == 0
    assert one(10, 10, -10, 10, 10.5, -0.9)["near_zero_share"] == pytest.approx(1 / 6)


def test_sign_balance_leaves_zeros_out() -> None:
    assert one(1, 2, 3, -1, 0, 0, 0, 0)["sign_balance"] == 0.5
    assert one(-1, -2, 0, 0)["sign_balance"] == -1


@pytest.mark.parametrize(("values", "missing"), [((1, 2, 0, 3), "negative_mean"), ((-1, -2, 0, -3), "positive_mean")])
def test_a_sign_that_does_not_occur_has_no_mean(values: tuple[float, ...], missing: str) -> None:
    assert is_nan(one(*values)) == {missing}


# Sets without spread, and small ones

OF_SPREAD = {*SHAPE, "dip", "dip_p_value", "zero_density_ratio"}


@pytest.mark.parametrize("values", [[5.0] * 9, [0.1] * 9, [0.1] * 8 + [0.1 + 1e-12]])
def test_a_constant_set_has_sizes_and_no_shape(values: list[float]) -> None:
    found = one(*values)
    assert is_nan(found) == {*OF_SPREAD, "negative_mean"}
    assert found["absolute_mean"] == pytest.approx(values[0])
    assert (found["near_zero_share"], found["sign_balance"]) == (0, 1)


def test_a_dead_set_is_nan_but_for_its_sizes() -> None:
    found = one(*[0.0] * 9)
    assert is_nan(found) == {*OF_SPREAD, "positive_mean", "negative_mean", "near_zero_share", "sign_balance"}
    assert (found["absolute_mean"], found["l2_norm"]) == (0, 0)


def test_a_constant_set_among_others_changes_none_of_them() -> None:
    sets = drawn()
    mixed = statistics(np.insert(sets, 2, 3.0, axis=0))
    for name, column in statistics(sets).items():
        np.testing.assert_allclose(np.delete(mixed[name], 2), column, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("values", [(1.0, -2.0), (1.0, -2.0, 4.0)])
def test_sets_of_two_and_three_have_no_sample_kurtosis_and_no_dip(values: tuple[float, ...]) -> None:
    found = one(*values)
    assert is_nan(found) >= {"skewness", "excess_kurtosis", "sarle_coefficient", "dip", "dip_p_value"}
    assert not is_nan(found) & {"laplace_gain", *SIZES, "near_zero_share", "sign_balance"}


def test_a_set_of_one_is_constant() -> None:
    assert is_nan(one(-2)) == {*OF_SPREAD, "positive_mean"}
    assert one(-2)["negative_mean"] == -2


# Scale and sign

sets_of_numbers = st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=60)


@settings(max_examples=25)
@given(sets_of_numbers, st.integers(-40, 40))
def test_no_statistic_without_a_scale_changes_with_the_scale(values: list[float], exponent: int) -> None:
    # A power of two, so that no rounding moves a contribution into another bin.
    before, after = one(*values), one(*np.ldexp(values, exponent))
    for name in before:
        expected = np.ldexp(before[name], exponent) if name in SIZES else before[name]
        assert after[name] == pytest.approx(expected, rel=1e-9, abs=1e-9 * (name not in SIZES), nan_ok=True), name


@pytest.mark.parametrize("factor", [3e-9, 0.7, 1e5])
def test_a_scale_that_rounds_changes_no_shape_either(factor: float) -> None:
    before, after = statistics(drawn()), statistics(drawn() * factor)
    for name in (*SHAPE, "dip", "dip_p_value", "sign_balance"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_the_mirrored_set_has_the_same_shape_and_the_opposite_balance() -> None:
    before, after = statistics(drawn()), statistics(-drawn())
    for name in (*SHAPE, "dip", "zero_density_ratio", "near_zero_share", "sign_balance"):
        sign = -1 if name in SIGNED else 1
        np.testing.assert_allclose(after[name], sign * before[name], rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(after["positive_mean"], -before["negative_mean"])


def test_every_statistic_is_a_column_of_the_table() -> None:
    assert set(statistics(drawn(5))) == {*SHAPE, *SIZES, "near_zero_share", "sign_balance", *OF_SPREAD}


@pytest.mark.parametrize("count", [4, 17, 1_000])
def test_every_statistic_is_that_of_another_computation(count: int) -> None:
    # Numpy over sorted matrices, in float64; a dead and a constant set among the others.
    sets = rounded(*drawn(count), np.zeros(count), np.full(count, -0.3))
    expected = distribution.statistics(sets)
    for name, column in statistics(sets).items():
        np.testing.assert_allclose(column, expected[name], rtol=1e-9, atol=1e-12, err_msg=name)


# Rank correlation


@pytest.mark.parametrize("noise", [0, 0.5, 10])
def test_rank_correlation_is_scipys(noise: float) -> None:
    random = np.random.default_rng(3)
    first = random.exponential(size=500)
    second = np.exp(first) + noise * random.normal(size=500)
    assert rank_correlation(first, second) == pytest.approx(scipy.stats.spearmanr(first, second).statistic, abs=1e-12)


def test_rank_correlation_gives_equal_numbers_equal_ranks() -> None:
    # A dead unit's pairs are all zero.
    random = np.random.default_rng(4)
    first, second = random.exponential(size=(2, 300))
    second *= -1
    first[:100] = 0
    second[50:120] = 0
    expected = scipy.stats.spearmanr(first, second).statistic
    assert distribution.rank_correlation(first, second) == pytest.approx(expected, abs=1e-12)
    assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-12)


def test_rank_correlation_of_the_opposite_order_is_minus_one() -> None:
    assert rank_correlation(np.array([1.0, 2.0, 30.0]), np.array([-1.0, -8.0, -9.0])) == pytest.approx(-1)


@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_rank_correlation_with_a_constant_is_nan(constant: float) -> None:
    assert np.isnan(rank_correlation(np.full(5, constant), np.arange(5.0)))
    assert np.isnan(rank_correlation(np.arange(5.0), np.full(5, constant)))
