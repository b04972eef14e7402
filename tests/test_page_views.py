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
