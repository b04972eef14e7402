"""The histograms of the unit page on rows whose answer can be checked by eye."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import warehouse


def test_forward_histograms_count_every_contribution_of_the_run(small_weights: Path) -> None:
    """Run 2: 3/5/1/0 drives 3/5/3 by 1; 3/5/5 by 1, 0.5 and -1; 4/1/5 by 1; 4/2/5 by 1."""
    found = warehouse.query(
        "from forward_histograms('3/5/1/0', 2, 4) order by upper_layer, bin_index", warehouse=small_weights
    )
    counts = found.group_by("upper_layer", maintain_order=True).agg("contribution_count").rows()
    assert counts == [
        ("3/5/3", [0, 0, 0, 1]),
        ("3/5/5", [1, 0, 0, 2]),
        ("4/1/5", [0, 0, 0, 1]),
        ("4/2/5", [0, 0, 0, 1]),
    ]
    layer = found.filter(found["upper_layer"] == "3/5/5")
    assert layer["bin_start"].to_list() == [-1, -0.5, 0, 0.5]
    assert layer["bin_end"].to_list() == [-0.5, 0, 0.5, 1]


def test_forward_histograms_of_another_run_are_its_own(small_weights: Path) -> None:
    found = warehouse.query("from forward_histograms('3/5/1/0', 1, 1)", warehouse=small_weights)
    assert found.rows() == [("4/2/5", 0, -10, 10, 1)]


def test_forward_histograms_agree_with_one_layers_own(small_weights: Path) -> None:
    every = warehouse.query(
        "select bin_start, bin_end, contribution_count from forward_histograms('3/5/1/1', 2) "
        "where upper_layer = '3/5/5' order by bin_index",
        warehouse=small_weights,
    )
    own = warehouse.query(
        "select bin_start, bin_end, contribution_count from forward_histogram('3/5/1/1', '3/5/5') order by bin_index",
        warehouse=small_weights,
    )
    for column in own.columns:
        assert every[column].to_list() == pytest.approx(own[column].to_list())


def test_backward_histograms_count_every_contribution_of_the_run(small_weights: Path) -> None:
    """Run 2: 3/5/5/0 is driven by 1 and by -2, both from 3/5/1; run 1: 4/2/5/0 twice by 10."""
    found = warehouse.query(
        "from backward_histograms('3/5/5/0', 2, 4) order by lower_layer, bin_index", warehouse=small_weights
    )
    assert found["lower_layer"].to_list() == ["3/5/1"] * 4
    assert found["contribution_count"].to_list() == [1, 0, 0, 1]
    assert found["bin_start"].to_list() == [-2, -1, 0, 1]
    assert found["bin_end"].to_list() == [-1, 0, 1, 2]
    older = warehouse.query("from backward_histograms('4/2/5/0', 1, 1)", warehouse=small_weights)
    assert older.rows() == [("3/5/1", 0, -10, 10, 2)]


def test_backward_histograms_agree_with_one_layers_own(small_weights: Path) -> None:
    columns = "select bin_start, bin_end, contribution_count from"
    every = warehouse.query(
        f"{columns} backward_histograms('3/5/5/2', 2) where lower_layer = '3/5/1' order by bin_index",
        warehouse=small_weights,
    )
    own = warehouse.query(
        f"{columns} backward_histogram('3/5/5/2', '3/5/1') order by bin_index", warehouse=small_weights
    )
    assert own["contribution_count"].sum() == 2
    for column in own.columns:
        assert every[column].to_list() == pytest.approx(own[column].to_list())


@pytest.fixture
def pictured(empty_warehouse: Path) -> Path:
    """Run 1 shows five pictures to unit 4/2/6/0 and another to 4/2/6/1; run 2 one more."""
    with duckdb.connect(str(empty_warehouse)) as connection:
        connection.execute("""
            insert into units values (1, 1, 0, '4/2/6/0', 1, 0), (2, 1, 1, '4/2/6/1', 1, 0), (3, 1, 2, '4/2/6/2', 1, 0);
            insert into activations values
                (1, 1, 1, 0, 0), (1, 2, 1, 1, 1), (1, 3, 1, 2, 2), (1, 4, 1, 3.5, 4), (1, 5, 1, 4, 4),
                (2, 1, 1, 9, 9), (1, 1, 2, -2, 0), (1, 2, 2, -1, 0), (1, 1, 3, 0, 0), (1, 2, 3, 0, 0);
        """)
    return empty_warehouse


def test_activation_histogram_begins_at_zero_when_nothing_is_negative(pictured: Path) -> None:
    found = warehouse.query("from activation_histogram('4/2/6/0', 1, 4) order by bin_index", warehouse=pictured)
    assert found.rows() == [(0, 0, 1, 1), (1, 1, 2, 1), (2, 2, 3, 1), (3, 3, 4, 2)]


def test_activation_histogram_ends_at_zero_when_nothing_is_positive(pictured: Path) -> None:
    found = warehouse.query("from activation_histogram('4/2/6/1', 1, 2) order by bin_index", warehouse=pictured)
    assert found.rows() == [(0, -2, -1, 1), (1, -1, 0, 1)]


def test_activation_histogram_of_a_dead_unit_is_empty(pictured: Path) -> None:
    assert warehouse.query("from activation_histogram('4/2/6/2', 1)", warehouse=pictured).is_empty()


def test_value_bins_hold_every_value_once_the_highest_in_the_last(empty_warehouse: Path) -> None:
    bins = "select unnest(value_bins([-1, 0.1, 0.5, 1], -1, 1, 4), recursive := true)"
    assert warehouse.query(f"from ({bins}) order by bin_index", warehouse=empty_warehouse).rows() == [
        (0, -1.0, -0.5, 1),
        (1, -0.5, 0.0, 0),
        (2, 0.0, 0.5, 1),
        (3, 0.5, 1.0, 2),
    ]
    none = warehouse.query("select value_bins([1, 1], 1, 1, 4) as bins", warehouse=empty_warehouse)
    assert none["bins"].to_list() == [None]
