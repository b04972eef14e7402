"""Views and macros of any two stimuli, on the rows of small_warehouse.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import warehouse


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def test_stimulus_activations_hold_words_and_pictures(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select stimulus_kind, stimulus_text, source_uri, unit_name, layer_name, activation_mean, activation_max "
        "from stimulus_activations where stimulus_id in (1, 6) and layer_name = '4/1/5' order by stimulus_id",
    )
    assert found == [
        ("word", "eeeeee", None, "4/1/5/0", "4/1/5", 1, 11),
        ("picture", "a cat", "cat.png", "4/1/5/0", "4/1/5", 3, 13),
    ]


def test_channel_difference_is_target_minus_baseline_the_largest_first(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "from channel_difference('dog', 'cat') order by activation_difference desc") == [
        ("4/2/6/0", "4/2/6", 4, 8, 4, 2),
        ("4/2/6/1", "4/2/6", 1, 6, 5, 2),
        ("4/1/5/0", "4/1/5", -3, 2, 5, 2),
    ]


def test_channel_difference_to_the_baseline_is_what_word_activations_say(small_warehouse: Path) -> None:
    assert rows(
        small_warehouse,
        "select unit_name, activation_difference from channel_difference('cat', 'eeeeee') order by 2 desc, 1",
    ) == rows(
        small_warehouse,
        "select unit_name, activation_difference from word_activations where word = 'cat' order by 2 desc, 1",
    )


@pytest.mark.parametrize("picture", ["a cat", "cat.png", "#6"])
def test_channel_intersection_is_the_smaller_answer_to_a_picture_and_a_word(
    small_warehouse: Path, picture: str
) -> None:
    # Picture 3 9 1, word cat 5 4 5.
    found = rows(
        small_warehouse,
        "select unit_name, activation_minimum, first_activation_mean, second_activation_mean "
        "from channel_intersection($picture, 'cat') order by activation_minimum desc",
        picture=picture,
    )
    assert found == [("4/2/6/0", 4, 9, 4), ("4/1/5/0", 3, 3, 5), ("4/2/6/1", 1, 1, 5)]


@pytest.mark.parametrize("macro", ["channel_difference", "channel_intersection"])
def test_a_stimulus_that_was_not_shown_has_no_rows(small_warehouse: Path, macro: str) -> None:
    for target in ("zebra", "incomprehensibilities", "#99"):
        assert rows(small_warehouse, f"from {macro}($target, 'cat')", target=target) == []
