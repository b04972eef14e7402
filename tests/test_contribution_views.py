"""Every view and macro of expanded weights on the rows of small_weights.sql, whose answers can be checked by eye."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse

BINS = "select bin_index, bin_start, bin_end, contribution_count from"
OF_WEIGHTS = ("contributions", "backward_contributions", "forward_contributions")
OF_STATISTICS = (
    "unit_versatility",
    "unit_bimodality",
    "contribution_shape",
    "bimodality_shift",
    "magnitude_mean_correspondence",
)


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


# Runs


@pytest.mark.parametrize(("view", "shown"), [*((v, 2) for v in OF_WEIGHTS), *((v, 5) for v in OF_STATISTICS)])
def test_a_view_holds_the_newest_complete_run_alone(small_weights: Path, view: str, shown: int) -> None:
    assert rows(small_weights, f"select distinct run_id from {view}") == [(shown,)]


@pytest.mark.parametrize(("view", "runs"), [*((v, [1, 2]) for v in OF_WEIGHTS), *((v, [4, 5]) for v in OF_STATISTICS)])
def test_older_runs_can_be_asked_for_and_unfinished_ones_cannot(
    small_weights: Path, view: str, runs: list[int]
) -> None:
    found = rows(small_weights, f"select distinct run_id from all_runs.{view} order by run_id")
    assert [run_id for (run_id,) in found] == runs


def test_without_a_complete_run_there_is_nothing(small_weights: Path) -> None:
    write(small_weights, "update runs set status = 'running'")
    for view in (*OF_WEIGHTS, *OF_STATISTICS):
        assert rows(small_weights, f"from {view}") == [], view
        assert rows(small_weights, f"from all_runs.{view}") == [], view
    assert rows(small_weights, "from forward_histogram('3/5/1/0', '3/5/5')") == []


def test_an_older_run_has_its_own_numbers(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select run_id, weight_mean, weight_magnitude from all_runs.contributions "
        "where lower_unit = '3/5/1/0' and upper_unit = '4/2/5/0' order by run_id",
    )
    assert found == [(1, 10, 140), (2, 1, 14)]
    assert rows(
        small_weights,
        "select run_id, sarle_coefficient from all_runs.unit_bimodality "
        "where direction = 'forward' and unit_name = '3/5/1/0' and other_layer = '4/2/5' order by run_id",
    ) == [(4, 0.625), (5, 0.75)]


# Pairs of units


def test_contributions_have_mean_magnitude_and_crispness(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select lower_unit, lower_layer, upper_unit, upper_layer, cell_count, is_truncated, weight_mean, "
        "weight_magnitude, weight_crispness from contributions order by upper_unit_id, lower_unit_id",
    )
    third = pytest.approx(1 / 3)
    assert found == [
        ("3/5/1/0", "3/5/1", "3/5/3/0", "3/5/3", 9, False, 1, 9, 1),
        ("3/5/1/1", "3/5/1", "3/5/3/0", "3/5/3", 9, False, 2, 6, third),
        ("3/5/1/0", "3/5/1", "3/5/5/0", "3/5/5", 9, False, 1, 3, third),
        ("3/5/1/1", "3/5/1", "3/5/5/0", "3/5/5", 9, False, -2, 18, 1),
        ("3/5/1/0", "3/5/1", "3/5/5/1", "3/5/5", 9, False, 0.5, 1.5, third),
        ("3/5/1/1", "3/5/1", "3/5/5/1", "3/5/5", 9, False, 0, 0, None),
        ("3/5/1/0", "3/5/1", "3/5/5/2", "3/5/5", 9, False, -1, 9, third),
        ("3/5/1/1", "3/5/1", "3/5/5/2", "3/5/5", 9, False, 3, 9, third),
        ("3/5/1/0", "3/5/1", "4/1/5/0", "4/1/5", 100, False, 1, 10, pytest.approx(0.1)),
        ("3/5/1/1", "3/5/1", "4/1/5/0", "4/1/5", 100, False, -2, 20, pytest.approx(0.1)),
        ("3/5/1/0", "3/5/1", "4/2/5/0", "4/2/5", 196, True, 1, 14, pytest.approx(1 / 14)),
        ("3/5/1/1", "3/5/1", "4/2/5/0", "4/2/5", 196, True, 2, 28, pytest.approx(1 / 14)),
    ]


def test_contributions_have_the_originals_mean_over_its_crop(small_weights: Path) -> None:
    # sum * lower scale / upper scale / cells of the crop: 4 x 4 for the support of 3 x 3, else the support's.
    found = rows(
        small_weights,
        "select lower_unit, upper_unit, original_weight_mean from contributions order by upper_unit_id, lower_unit_id",
    )
    assert found == [
        ("3/5/1/0", "3/5/3/0", 9 * 0.5 / 1 / 16),
        ("3/5/1/1", "3/5/3/0", 18 * -2 / 1 / 16),
        ("3/5/1/0", "3/5/5/0", 9 * 0.5 / 4 / 16),
        ("3/5/1/1", "3/5/5/0", -18 * -2 / 4 / 16),
        ("3/5/1/0", "3/5/5/1", None),
        ("3/5/1/1", "3/5/5/1", None),
        ("3/5/1/0", "3/5/5/2", -9 * 0.5 / -1 / 16),
        ("3/5/1/1", "3/5/5/2", 27 * -2 / -1 / 16),
        ("3/5/1/0", "4/1/5/0", 100 * 0.5 / 1 / 100),
        ("3/5/1/1", "4/1/5/0", -200 * -2 / 1 / 100),
        ("3/5/1/0", "4/2/5/0", 196 * 0.5 / 2 / 196),
        ("3/5/1/1", "4/2/5/0", 392 * -2 / 2 / 196),
    ]


def test_the_originals_mean_of_an_even_map_is_9_16_of_the_one_over_the_support(small_weights: Path) -> None:
    write(small_weights, "update units set batch_norm_scale = 1")
    found = rows(
        small_weights,
        "select distinct upper_layer, original_weight_mean / weight_mean from contributions "
        "where weight_mean <> 0 order by 1",
    )
    assert found == [("3/5/3", 9 / 16), ("3/5/5", 9 / 16), ("4/1/5", 1), ("4/2/5", 1)]


def test_the_originals_crop_of_an_odd_map_is_the_support(small_weights: Path) -> None:
    # The centre of 7 x 7 is (3, 3): a 3x3 begins at (2, 2).
    write(small_weights, "update units set batch_norm_scale = 1; update layers set map_height = 7, map_width = 7")
    write(small_weights, "update layer_pairs set support_top = 2, support_left = 2 where cell_count = 9")
    assert rows(
        small_weights,
        "select distinct original_weight_mean / weight_mean from contributions "
        "where upper_layer = '3/5/5' and weight_mean <> 0",
    ) == [(1,)]


def test_the_originals_magnitude_is_never_negative(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select upper_unit, original_weight_magnitude from contributions "
        "where lower_unit = '3/5/1/1' order by upper_unit_id",
    )
    assert found == [
        ("3/5/3/0", 6 * 2),
        ("3/5/5/0", 18 * 2 / 4),
        ("3/5/5/1", None),
        ("3/5/5/2", 9 * 2),
        ("4/1/5/0", 20 * 2),
        ("4/2/5/0", 28 * 2 / 2),
    ]


def test_backward_contributions_rank_the_lower_units_of_a_layer(small_weights: Path) -> None:
    # 9 and 9 into 3/5/5/2: the smaller id first.
    found = rows(
        small_weights,
        "select upper_unit, magnitude_rank, lower_unit, weight_magnitude from backward_contributions "
        "where lower_layer = '3/5/1' and upper_layer = '3/5/5' order by upper_unit_id, magnitude_rank",
    )
    assert found == [
        ("3/5/5/0", 1, "3/5/1/1", 18),
        ("3/5/5/0", 2, "3/5/1/0", 3),
        ("3/5/5/1", 1, "3/5/1/0", 1.5),
        ("3/5/5/1", 2, "3/5/1/1", 0),
        ("3/5/5/2", 1, "3/5/1/0", 9),
        ("3/5/5/2", 2, "3/5/1/1", 9),
    ]


def test_forward_contributions_rank_the_upper_units_of_each_layer(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select upper_layer, magnitude_rank, upper_unit, weight_magnitude from forward_contributions "
        "where lower_unit = '3/5/1/0' order by upper_layer, magnitude_rank",
    )
    assert found == [
        ("3/5/3", 1, "3/5/3/0", 9),
        ("3/5/5", 1, "3/5/5/2", 9),
        ("3/5/5", 2, "3/5/5/0", 3),
        ("3/5/5", 3, "3/5/5/1", 1.5),
        ("4/1/5", 1, "4/1/5/0", 10),
        ("4/2/5", 1, "4/2/5/0", 14),
    ]


@pytest.mark.parametrize("view", ["backward_contributions", "forward_contributions"])
def test_ranked_contributions_are_the_contributions(small_weights: Path, view: str) -> None:
    columns = (
        "run_id, lower_unit_id, lower_unit, lower_layer, upper_unit_id, upper_unit, upper_layer, weight_mean, "
        "weight_magnitude, weight_crispness, original_weight_mean, original_weight_magnitude"
    )
    for schema in ("main", "all_runs"):
        ranked = rows(small_weights, f"select {columns} from {schema}.{view} order by all")
        assert ranked == rows(small_weights, f"select {columns} from {schema}.contributions order by all")


def test_ranks_of_an_older_run_are_its_own(small_weights: Path) -> None:
    write(small_weights, "update expanded_weights set weight_l2 = 160 where run_id = 1 and lower_unit_id = 2")
    found = rows(
        small_weights,
        "select run_id, lower_unit, magnitude_rank from all_runs.backward_contributions "
        "where upper_unit = '4/2/5/0' order by run_id, magnitude_rank",
    )
    assert found == [(1, "3/5/1/1", 1), (1, "3/5/1/0", 2), (2, "3/5/1/1", 1), (2, "3/5/1/0", 2)]


def test_a_filter_leaves_the_ranks_as_they_are(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select magnitude_rank from backward_contributions where upper_unit = '3/5/5/0' and lower_unit = '3/5/1/0'",
    )
    assert found == [(2,)]
    assert rows(
        small_weights,
        "select magnitude_rank from forward_contributions where upper_unit = '3/5/5/1' and lower_unit = '3/5/1/0'",
    ) == [(3,)]


def test_layer_pair_sizes_count_units_and_span_their_ids(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select upper_layer_id, cell_count, first_lower_id, lower_count, first_upper_id, upper_count, pair_count "
        "from layer_pair_sizes where run_id = 2 and lower_layer_id = 1 order by upper_layer_id",
    )
    assert found == [(2, 9, 1, 2, 3, 1, 2), (3, 9, 1, 2, 4, 3, 6), (4, 100, 1, 2, 7, 1, 2), (5, 196, 1, 2, 8, 1, 2)]


# Histograms


def test_forward_histogram_counts_means_in_bins_about_zero(small_weights: Path) -> None:
    # Means 1, 0.5, -1.
    found = rows(small_weights, f"{BINS} forward_histogram('3/5/1/0', '3/5/5', bin_count := 4) order by bin_index")
    assert found == [(0, -1, -0.5, 1), (1, -0.5, 0, 0), (2, 0, 0.5, 0), (3, 0.5, 1, 2)]


def test_backward_histogram_counts_means_in_bins_about_zero(small_weights: Path) -> None:
    # Means 1 and -2.
    found = rows(small_weights, f"{BINS} backward_histogram('3/5/5/0', '3/5/1', bin_count := 4) order by bin_index")
    assert found == [(0, -2, -1, 1), (1, -1, 0, 0), (2, 0, 1, 0), (3, 1, 2, 1)]


@pytest.mark.parametrize("macro", ["forward_histogram('3/5/1/1', '3/5/5')", "backward_histogram('3/5/5/2', '3/5/1')"])
def test_a_histogram_has_41_bins_with_the_middle_one_about_zero(small_weights: Path, macro: str) -> None:
    found = rows(small_weights, f"{BINS} {macro} order by bin_index")
    assert [bin_index for bin_index, *_ in found] == list(range(41))
    _, start, end, _ = found[20]
    assert start == pytest.approx(-end)
    assert end > 0
    for (_, _, end, _), (_, start, _, _) in pairwise(found):
        assert end == start
    assert found[0][1] == -found[40][2] == -3


def test_zero_lies_in_the_middle_bin(small_weights: Path) -> None:
    # Means -2, 0, 3 of 3/5/1/1.
    found = rows(
        small_weights,
        "select bin_index from forward_histogram('3/5/1/1', '3/5/5') where contribution_count = 1 order by bin_index",
    )
    assert found == [(6,), (20,), (40,)]


@pytest.mark.parametrize(
    "macro",
    [
        "forward_histogram('3/5/1/9', '3/5/5')",
        "forward_histogram('3/5/1/0', '9/9/9')",
        "backward_histogram('3/5/5/0', '4/2/5')",
        "backward_histogram('nonsense', '3/5/1')",
    ],
)
def test_the_histogram_of_what_is_not_stored_is_empty(small_weights: Path, macro: str) -> None:
    assert rows(small_weights, f"from {macro}") == []


def test_the_histogram_of_a_dead_unit_is_empty(small_weights: Path) -> None:
    write(small_weights, "update expanded_weights set weight_sum = 0 where upper_unit_id = 5")
    assert rows(small_weights, "from backward_histogram('3/5/5/1', '3/5/1')") == []
