"""Statistics of contributions, kept or computed, on the rows of small_weights.sql; answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import scipy.stats

import warehouse

STATISTICS_VIEWS = ("unit_versatility", "unit_bimodality", "contribution_shape", "bimodality_shift")


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


# Statistics


def test_unit_versatility_is_forward_only(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select * exclude (run_id) from unit_versatility where upper_layer = '3/5/5' order by lower_unit",
    )
    rn50 = ("RN50-quickgelu", "openai")
    assert found == [
        (*rn50, "3/5/1/0", "3/5/1", "3/5/5", 3, 0.875, 0.75, -1, 1.5, 4.5, 9.5, 0.25, 0.375, "linear"),
        (*rn50, "3/5/1/1", "3/5/1", "3/5/5", 3, 1.75, 3, -2, 3.5, 9.25, 20, 0.5, 0, "linear"),
    ]
    assert rows(small_weights, "select count(*), count(distinct lower_layer) from unit_versatility") == [(7, 1)]


def test_unit_bimodality_has_both_directions(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select direction, unit_name, unit_layer, other_layer, contribution_count, sarle_coefficient, dip, "
        "dip_p_value, zero_density_ratio, skewness from unit_bimodality where '3/5/5' in (unit_layer, other_layer) "
        "order by direction, unit_name",
    )
    assert found == [
        ("backward", "3/5/5/0", "3/5/5", "3/5/1", 2, 0.625, 0.375, 0.0625, 0.375, -0.5),
        ("backward", "3/5/5/1", "3/5/5", "3/5/1", 2, None, None, None, None, None),
        ("forward", "3/5/1/0", "3/5/1", "3/5/5", 3, 0.25, 0.0625, 0.875, 0.5, 0.5),
        ("forward", "3/5/1/1", "3/5/1", "3/5/5", 3, 0.5, 0.1875, 0.125, 0, 1),
    ]


def test_dead_units_are_counted(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select direction, count(*) from unit_bimodality where sarle_coefficient is null group by all order by 1",
    )
    assert found == [("backward", 1), ("forward", 1)]


def test_contribution_shape_has_both_directions(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select direction, unit_name, unit_layer, other_layer, contribution_count, excess_kurtosis, laplace_gain "
        "from contribution_shape where '3/5/5' in (unit_layer, other_layer) order by direction, unit_name",
    )
    assert found == [
        ("backward", "3/5/5/0", "3/5/5", "3/5/1", 2, 6, 0.75),
        ("backward", "3/5/5/1", "3/5/5", "3/5/1", 2, None, None),
        ("forward", "3/5/1/0", "3/5/1", "3/5/5", 3, 2.5, 0.125),
        ("forward", "3/5/1/1", "3/5/1", "3/5/5", 3, 4, 1.5),
    ]


def test_bimodality_shift_goes_over_last_convolutions_in_running_order(small_weights: Path) -> None:
    # 3/5/3 is not a last convolution: its 0.875 is neither a row nor what 3/5/5 is compared with.
    found = rows(
        small_weights,
        "select upper_layer, upper_layer_order, sarle_coefficient, sarle_change, is_largest_jump, dip, "
        "zero_density_ratio, lower_layer, model_name, pretrained_tag "
        "from bimodality_shift where lower_unit = '3/5/1/0' order by upper_layer_order",
    )
    rest = ("3/5/1", "RN50-quickgelu", "openai")
    assert found == [
        ("3/5/5", 2, 0.25, None, False, 0.0625, 0.5, *rest),
        ("4/1/5", 3, 0.375, 0.125, False, 0.125, None, *rest),
        ("4/2/5", 4, 0.75, 0.375, True, 0.25, 0.125, *rest),
    ]


def test_the_largest_jump_need_not_be_the_last(small_weights: Path) -> None:
    write(
        small_weights,
        "update contribution_statistics set sarle_coefficient = 0.625 "
        "where run_id = 5 and unit_id = 1 and other_layer_id = 4",
    )
    assert rows(
        small_weights,
        "select upper_layer, sarle_change from bimodality_shift where lower_unit = '3/5/1/0' and is_largest_jump",
    ) == [("4/1/5", 0.375)]


def test_a_change_from_or_to_a_dead_layer_is_not_a_jump(small_weights: Path) -> None:
    assert rows(
        small_weights,
        "select upper_layer, sarle_coefficient, sarle_change, is_largest_jump "
        "from bimodality_shift where lower_unit = '3/5/1/1' order by upper_layer_order",
    ) == [("3/5/5", 0.5, None, False), ("4/1/5", None, None, False), ("4/2/5", 0.25, None, False)]


def test_the_shift_of_one_run_does_not_look_at_another(small_weights: Path) -> None:
    # Run 4 has 4/2/5 alone.
    assert rows(
        small_weights,
        "select upper_layer, sarle_change, is_largest_jump from all_runs.bimodality_shift where run_id = 4",
    ) == [("4/2/5", None, False)]


def test_magnitude_mean_correspondence_is_one_row_a_pair_of_layers(small_weights: Path) -> None:
    assert rows(small_weights, "from magnitude_mean_correspondence order by upper_layer") == [
        (5, "RN50-quickgelu", "openai", "3/5/1", "3/5/5", 0.75, "linear"),
        (5, "RN50-quickgelu", "openai", "3/5/1", "4/1/5", None, "linear"),
    ]


# From the weights themselves


def test_a_set_is_a_units_sums_to_or_from_a_layer(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select direction, unit_id, unit_layer, other_layer, list_sort(weight_sums), average, middle, largest, "
        "absolute_mean, positive_mean, negative_mean, magnitude_mean, round(magnitude_l2_norm ** 2, 3) "
        "from contribution_sets where run_id = 2 and 3 in (unit_layer_id, other_layer_id) order by direction, unit_id",
    )
    lower, upper = "3/5/1", "3/5/5"
    assert found == [
        ("backward", 4, upper, lower, [-18, 9], -4.5, -4.5, 18, 13.5, 9, -18, 10.5, 333),
        ("backward", 5, upper, lower, [0, 4.5], 2.25, 2.25, 4.5, 2.25, 4.5, None, 0.75, 2.25),
        ("backward", 6, upper, lower, [-9, 27], 9, 9, 27, 18, 27, -9, 9, 162),
        ("forward", 1, lower, upper, [-9, 4.5, 9], 1.5, 4.5, 9, 7.5, 6.75, -9, 4.5, 92.25),
        ("forward", 2, lower, upper, [-18, 0, 27], 3, 0, 27, 15, 27, -18, 9, 405),
    ]
    spread = "select direction, unit_id, root_mean_square ** 2, sign_balance from contribution_sets"
    assert rows(small_weights, f"{spread} where run_id = 2 and unit_id = 1 and other_layer_id = 3") == [
        ("forward", 1, pytest.approx((81 + 20.25 + 81) / 3), pytest.approx(1 / 3))
    ]


def test_statistics_are_computed_for_every_run(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select run_id, contribution_count, l2_norm, near_zero_share, skewness, laplace_gain, zero_density_ratio "
        "from computed_contribution_statistics where direction = 'backward' and unit_id in (5, 8) "
        "order by run_id, unit_id",
    )
    # Standardised, 0 and 0.5 are -1 and 1: the median lies 1 from both.
    gain = pytest.approx((np.log(2 * np.pi) + 1) / 2 - np.log(2) - 1)
    assert found == [
        (1, 2, pytest.approx(200**0.5), 0, None, None, None),
        (2, 2, 0.5, 0.5, None, gain, 1),
        (2, 2, pytest.approx(5**0.5), 0, None, gain, 0),
        (3, 1, 100, 0, None, None, None),
    ]


def test_the_formulas_take_lists_and_moments(small_weights: Path) -> None:
    one_far = "from (values (1), (1), (1), (5)) as sets(x)"
    for sql, expected in {
        "near_zero_share([-16, 12, 0, 0], 10)": 0.5,
        "near_zero_share([0, 0], 0)": None,
        f"sample_skewness(var_pop(x), avg((x - 2) ** 3), 4) - skewness(x) {one_far}": pytest.approx(0, abs=1e-12),
        f"sample_excess_kurtosis(var_pop(x), avg((x - 2) ** 4), 4) - kurtosis(x) {one_far}": pytest.approx(
            0, abs=1e-12
        ),
        "sample_skewness(0, 0, 9)": None,
        "sample_excess_kurtosis(1, 1, 3)": None,
        "sarle_coefficient(0, -1.2, 1000000)": pytest.approx(5 / 9, rel=1e-5),
        "laplace_gain([-1.0, 1.0], 0, 1)": pytest.approx(-0.27421, abs=1e-5),
        "zero_centred_bins([0.0, 0.0, 2.0, 198.0], 2)[19:27]": [0, 2, 0, 0, 0, 0, 0, 0, 1],
        "zero_density_ratio(zero_centred_bins([0.0, 0.0, 1.0, 99.0], 1))": 2,
    }.items():
        assert rows(small_weights, f"select {sql}") == [(expected,)], sql


def test_rank_correlations_are_one_row_a_lower_layer(small_weights: Path) -> None:
    # |Means| 1 2 1 2 0.5 0 1 3 rank 3 of 6 as magnitudes 3 18 1.5 0 9 9 do.
    ((lower, upper, found),) = rows(small_weights, "from rank_correlations(2, [1], 3)")
    assert (lower, upper) == (1, 3)
    means, magnitudes = [3.5, 5, 2, 1, 3.5, 6], [3, 6, 2, 1, 4.5, 4.5]
    assert found == pytest.approx(np.corrcoef(means, magnitudes)[0, 1])


@pytest.mark.parametrize(
    ("unit", "layer", "direction"), [("3/5/1/0", "3/5/5", "forward"), ("3/5/5/0", "3/5/1", "backward")]
)
def test_one_units_statistics_come_from_the_shown_weights(
    small_weights: Path, unit: str, layer: str, direction: str
) -> None:
    columns = "unit_name, other_layer, direction, contribution_count, round(absolute_mean, 6), magnitude_mean"
    found = rows(small_weights, f"select run_id, {columns} from unit_contribution_statistics($u, $l)", u=unit, l=layer)
    count, mean, magnitude = {"forward": (3, 0.833333, 4.5), "backward": (2, 1.5, 10.5)}[direction]
    assert found == [(2, unit, layer, direction, count, mean, magnitude)]
    of_pair = f"from layer_pair_contribution_statistics('3/5/1', '3/5/5') where unit_name = '{unit}'"
    assert rows(small_weights, f"select {columns} {of_pair}") == [row[1:] for row in found]
    by_name = f"from named_contribution_statistics where unit_name = '{unit}' and other_layer = '{layer}'"
    assert rows(small_weights, f"select {columns} {by_name} and unit_layer = '{unit[:5]}'") == [
        row[1:] for row in found
    ]


def test_two_layers_statistics_have_both_directions(small_weights: Path) -> None:
    found = rows(
        small_weights,
        "select direction, unit_name from layer_pair_contribution_statistics('3/5/1', '3/5/5') order by all",
    )
    backward = [("backward", f"3/5/5/{channel}") for channel in range(3)]
    assert found == [*backward, ("forward", "3/5/1/0"), ("forward", "3/5/1/1")]


# Kept or computed


def test_kept_statistics_are_shown_as_long_as_they_are_of_the_newest_weights(small_weights: Path) -> None:
    assert rows(small_weights, "from shown_statistics_runs") == [(5, True)]
    assert rows(small_weights, "from all_runs.shown_statistics_runs order by run_id") == [(4, True), (5, True)]
    assert rows(small_weights, "select distinct run_id from shown_contribution_statistics") == [(5,)]


def test_where_nothing_is_kept_views_answer_from_the_weights(small_weights: Path) -> None:
    write(
        small_weights, "delete from runs where run_id in (5, 6); delete from contribution_statistics where run_id > 4"
    )
    assert rows(small_weights, "from shown_statistics_runs") == [(2, False)]
    assert rows(small_weights, "from all_runs.shown_statistics_runs order by run_id") == [(2, False), (4, True)]
    for view in STATISTICS_VIEWS:
        assert rows(small_weights, f"select distinct run_id from {view}") == [(2,)], view
        assert rows(small_weights, f"select distinct run_id from all_runs.{view} order by 1") == [(2,), (4,)], view
    assert rows(
        small_weights,
        "select lower_unit, round(weight_mean_absolute_mean, 6), weight_magnitude_mean, near_zero_share "
        "from unit_versatility where upper_layer = '3/5/5' order by lower_unit",
    ) == [("3/5/1/0", pytest.approx(0.833333), 4.5, 0), ("3/5/1/1", pytest.approx(1.666667), 9, pytest.approx(1 / 3))]
    assert rows(small_weights, "select distinct dip from unit_bimodality") == [(None,)]


def test_columns_are_the_same_kept_or_computed(small_weights: Path) -> None:
    kept = {view: warehouse.query(f"from {view}", warehouse=small_weights).schema for view in STATISTICS_VIEWS}
    write(small_weights, "delete from runs where run_id >= 4; delete from contribution_statistics")
    assert {v: warehouse.query(f"from {v}", warehouse=small_weights).schema for v in STATISTICS_VIEWS} == kept


# Ranks


@pytest.mark.parametrize("kinds", [2, 5, 1000])
def test_rank_correlation_is_spearmans_whatever_is_equal(empty_warehouse: Path, kinds: int) -> None:
    drawn = np.random.default_rng(kinds)
    first = drawn.integers(kinds, size=200).astype(float)
    second = first + drawn.integers(kinds, size=200)
    ((ours,),) = rows(
        empty_warehouse,
        "with pairs as (select unnest($first) as one, unnest($second) as other), "
        "ranked as (select centred_rank(rank() over by_one, cume_dist() over by_one, 200) as one, "
        "centred_rank(rank() over by_other, cume_dist() over by_other, 200) as other from pairs "
        "window by_one as (order by one), by_other as (order by other)) "
        "select rank_correlation(one, other) from ranked",
        first=first.tolist(),
        second=second.tolist(),
    )
    assert ours == pytest.approx(scipy.stats.spearmanr(first, second).statistic, abs=1e-12)


def test_what_does_not_vary_has_no_rank_correlation(empty_warehouse: Path) -> None:
    assert rows(empty_warehouse, "select rank_correlation(0::bigint, x) from (values (-1), (1)) as t (x)") == [(None,)]


def test_connections_are_ordered_as_the_page_offers(empty_warehouse: Path) -> None:
    orders = ["excitatory", "inhibitory", "mean", "magnitude"]
    keys = [rows(empty_warehouse, "select connection_order($order, -2, 5)", order=order)[0][0] for order in orders]
    assert keys == [-2, 2, 2, 5]
