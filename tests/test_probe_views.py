"""Views and macros that the pages ask, on rows worked out by hand."""

from __future__ import annotations

import warehouse

# small_warehouse.sql: run 2 shows cat [5, 4, 5] and dog [2, 8, 6], run 1 cat [1, 2, 3], run 4 the picture [3, 9, 1].
COMPARED = "select unit_name, first_activation_mean, second_activation_mean, activation_difference, activation_minimum "


def test_two_words_of_one_run_are_compared(small_warehouse) -> None:
    found = warehouse.query(COMPARED + "from run_comparison(2, 'cat', 2, 'dog')", warehouse=small_warehouse)
    assert found.rows() == [("4/1/5/0", 5, 2, 3, 2), ("4/2/6/1", 5, 6, -1, 5), ("4/2/6/0", 4, 8, -4, 4)]


def test_an_older_run_is_compared_as_well_as_the_shown_one(small_warehouse) -> None:
    found = warehouse.query(
        COMPARED + "from run_comparison(1, 'cat', 2, 'cat') where layer_name = '4/2/6'", warehouse=small_warehouse
    )
    assert found.rows() == [("4/2/6/0", 2, 4, -2, 2), ("4/2/6/1", 3, 5, -2, 3)]


def test_a_picture_is_named_by_its_number_its_source_or_its_caption(small_warehouse) -> None:
    for name in ("#6", "cat.png", "a cat"):
        found = warehouse.query(
            COMPARED + "from run_comparison(2, 'dog', 4, $name)", warehouse=small_warehouse, name=name
        )
        assert dict(found.select("unit_name", "activation_minimum").iter_rows()) == {
            "4/1/5/0": 2,
            "4/2/6/0": 8,
            "4/2/6/1": 1,
        }


def test_a_stimulus_of_another_run_is_not_found(small_warehouse) -> None:
    assert warehouse.query("from run_comparison(4, 'cat', 2, 'dog')", warehouse=small_warehouse).is_empty()


def test_one_channel_of_each_lower_layer_is_binned_by_hand(small_weights) -> None:
    """3/5/1/0 drives 3/5/5 with 1, 0.5 and -1; 3/5/1/1 with -2, 0 and 3."""
    sql = "select contribution_count from lower_histograms('3/5/5', $channel, 2, 5) order by bin_index"
    found = [warehouse.query(sql, warehouse=small_weights, channel=channel).to_series().to_list() for channel in (0, 1)]
    assert found == [[1, 0, 0, 1, 1], [1, 0, 1, 0, 1]]
    reach = "select min(bin_start), max(bin_end) from lower_histograms('3/5/5', 1, 2)"
    ends = warehouse.query(reach, warehouse=small_weights)
    assert ends.rows() == [(-3, 3)]
    assert warehouse.query("from lower_histograms('3/5/5', 7, 2)", warehouse=small_weights).is_empty()


def test_a_pair_of_layers_is_averaged_over_its_lower_units(small_weights) -> None:
    found = warehouse.query("from layer_pair_versatility where upper_layer = '3/5/5'", warehouse=small_weights).row(
        0, named=True
    )
    assert (found["run_id"], found["lower_layer"], found["unit_count"]) == (5, "3/5/1", 2)
    assert (found["sarle_median"], found["bimodal_by_dip_share"], found["zero_density_ratio_median"]) == (
        0.375,
        0,
        0.25,
    )
    assert (found["near_zero_share_mean"], found["sign_imbalance_mean"]) == (0.375, 0.1875)
    assert (found["weight_mean_absolute_mean"], found["weight_magnitude_mean"]) == (1.3125, 6.875)
    assert (found["excess_kurtosis_median"], found["laplace_gain_mean"]) == (3.25, 0.8125)
