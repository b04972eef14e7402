"""Every view of names on the rows of small_names.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from warehouse.checking import check

near = pytest.approx


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


@pytest.mark.parametrize("view", ["unit_names", "unit_name_agreement", "layer_name_agreement"])
def test_the_newest_complete_run_is_shown(small_names: Path, view: str) -> None:
    assert rows(small_names, f"select distinct run_id from {view}") == [(7,)]
    assert rows(small_names, f"select distinct run_id from all_runs.{view} order by 1") == [(7,), (8,)]


def test_a_unit_has_its_name_and_the_runner_up_with_their_trust(small_names: Path) -> None:
    found = rows(
        small_names,
        "select unit_name, layer_name, name, name_rank, name_score, held_out_correlation, random_name, "
        "random_correlation from unit_names order by unit_name, name_rank",
    )
    assert found == [
        ("4/1/5/0", "4/1/5", "cow", 1, 0, None, "dog", None),
        ("4/1/5/0", "4/1/5", "cat", 2, 0, None, "dog", None),
        ("4/2/6/0", "4/2/6", "cat", 1, 2, near(0.9), "cow", near(0.1)),
        ("4/2/6/0", "4/2/6", "dog", 2, 1, near(-0.9), "cow", near(0.1)),
        ("4/2/6/1", "4/2/6", "dog", 1, 3, near(0.5), "cat", near(-0.5)),
        ("4/2/6/1", "4/2/6", "cow", 2, 2, near(0.4), "cat", near(-0.5)),
    ]


def test_a_name_agrees_with_captions_and_keywords_of_held_out_pictures(small_names: Path) -> None:
    found = rows(
        small_names,
        "select unit_name, name, name_share, random_name, random_name_share from unit_name_agreement order by 1",
    )
    assert found == [
        ("4/1/5/0", "cow", 1, "dog", 1),  # its top held-out picture is the cow with the keyword dog
        ("4/2/6/0", "cat", 1, "cow", 0),
        ("4/2/6/1", "dog", 1, "cat", 0),
    ]


def test_a_silent_unit_agrees_with_nothing(small_names: Path) -> None:
    found = rows(
        small_names,
        "select layer_name, unit_count, varying_unit_count, held_out_correlation_median, random_correlation_median, "
        "agreeing_unit_share, random_agreeing_unit_share from layer_name_agreement order by layer_name",
    )
    assert found == [("4/1/5", 1, 0, None, None, 0, 0), ("4/2/6", 2, 2, near(0.7), near(-0.2), 1, 0)]


def test_sound_runs_pass_the_checks(small_names: Path) -> None:
    failing = {result.check_name for result in check(small_names) if result.failing_count}
    assert not failing & {"names_complete", "names_sound", "runs_counted"}


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ("delete from name_ranks where unit_id = 2 and name_rank = 2", "names_complete"),
        ("delete from name_examples where unit_id = 3 and is_held_out", "names_complete"),
        ("insert into name_pictures values (7, 21, false, [1, 0])", "names_complete"),
        ("update name_ranks set name_score = 9 where name_rank = 2", "names_sound"),
        ("update name_ranks set held_out_correlation = 1.5 where unit_id = 2", "names_sound"),
        ("update name_units set random_concept_index = 0 where unit_id = 2", "names_sound"),
        ("update name_concepts set embedding = [2, 0] where concept = 'cat'", "names_sound"),
    ],
)
def test_a_check_finds_what_is_wrong(small_names: Path, change: str, failing: str) -> None:
    with duckdb.connect(str(small_names)) as connection:
        connection.execute(change)
    assert failing in {result.check_name for result in check(small_names) if result.failing_count}
