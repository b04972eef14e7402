"""Every view of logits on the rows of small_logits.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from warehouse.checking import check

near = pytest.approx
CAT, DOG = 7, 8


@pytest.fixture
def path(small_logits: Path) -> Path:
    return small_logits


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def numbers(path: Path, sql: str) -> list[float]:
    return [value for row in rows(path, sql) for value in row]


@pytest.mark.parametrize(
    "view", ["head_words", "unit_words", "head_strengths", "logit_contributions", "picture_concepts", "logit_learning"]
)
def test_the_newest_complete_run_is_shown(path: Path, view: str) -> None:
    assert rows(path, f"select distinct run_id from {view}") == [(2,)]


def test_kept_pictures_stand_in_the_order_of_their_content(path: Path) -> None:
    asked = "select stimulus_id from all_runs.kept_pictures where run_id = {} order by picture_rank"
    assert rows(path, asked.format(4)) == [(DOG,), (CAT,), (9,)]
    assert rows(path, asked.format(5)) == [(DOG,)], "the sample is cut before broken ones are left out"
    assert rows(path, "select distinct run_id from kept_pictures") == [(4,)]


def test_a_strength_is_shortcut_residual_and_position(path: Path) -> None:
    found = rows(
        path,
        "select unit_name, head_index, strength, shortcut_strength, residual_strength, position_strength "
        f"from head_strengths where stimulus_id = {CAT} order by all",
    )
    assert found == [
        ("4/0/8/0", 0, 5, 3, 1, 1),
        ("4/0/8/0", 1, 4.5, 3, 1, 0.5),
        ("4/0/8/1", 0, 2, 0, 0, 2),
        ("4/0/8/1", 1, 3, 0, 0, 3),
    ]


def test_a_contribution_is_strength_times_projection_over_the_embeddings_length(path: Path) -> None:
    found = rows(
        path,
        "select unit_name, head_index, projection, contribution from head_contributions "
        f"where stimulus_id = {DOG} and concept = 'dog' order by all",
    )
    assert found == [
        ("4/0/8/0", 0, 0, 0),
        ("4/0/8/0", 1, 0, 0),
        ("4/0/8/1", 0, 0, 0),
        ("4/0/8/1", 1, 2, near(0.6)),  # (2 + 1 + 0) * 2 / 10
    ]


def test_a_units_contribution_splits_by_branch(path: Path) -> None:
    found = rows(
        path,
        "select unit_name, contribution, shortcut_contribution, residual_contribution, position_contribution "
        f"from logit_contributions where stimulus_id = {CAT} and concept = 'cat' order by unit_name",
    )
    assert found == [("4/0/8/0", near(0.5), near(0.3), near(0.1), near(0.1)), ("4/0/8/1", 0, 0, 0, 0)]


def test_units_and_constant_add_up_to_the_cosine(path: Path) -> None:
    found = rows(
        path,
        "select stimulus_id, concept, sum(contribution) + any_value(constant_contribution), any_value(cosine) "
        "from logit_contributions inner join picture_cosines using (run_id, stimulus_id, concept) group by all "
        "order by all",
    )
    assert found == [
        (CAT, "cat", near(0.6), near(0.6)),
        (CAT, "dog", near(0.8), near(0.8)),
        (DOG, "cat", near(0.6), near(0.6)),
        (DOG, "dog", near(0.8), near(0.8)),
    ]


def test_concepts_of_a_picture_are_ranked_with_their_branches(path: Path) -> None:
    found = rows(
        path,
        "select concept_rank, concept, cosine, cosine_above_mean, shortcut_contribution, residual_contribution, "
        f"position_contribution, constant_contribution from picture_concepts where stimulus_id = {DOG} order by 1",
    )
    assert found == [
        (1, "dog", near(0.8), near(0.1), near(0.4), near(0.2), 0, near(0.2)),
        (2, "cat", near(0.6), near(-0.1), near(0.4), near(0.1), 0, near(0.1)),
    ]


def test_a_unit_says_most_what_it_projects_on_most(path: Path) -> None:
    assert rows(path, "select unit_name, concept, projection, projection_above_mean from unit_words order by all") == [
        ("4/0/8/0", "cat", 1, 0.5),
        ("4/0/8/0", "dog", 0, -0.5),
        ("4/0/8/1", "cat", 0, -1),
        ("4/0/8/1", "dog", 2, 1),
    ]
    assert rows(path, "select concept from unit_words where unit_name = '4/0/8/1' and concept_rank = 1") == [("dog",)]
    assert rows(path, "select concept, projection from head_words where unit_name = '4/0/8/1' and head_index = 1") == [
        ("dog", 2)
    ]


def test_learning_tells_the_shares_of_own_names(path: Path) -> None:
    found = rows(
        path,
        "select concept, picture_count, cosine_mean, shortcut_share, residual_share, position_share, constant_share "
        "from logit_learning where named_by = 'caption' order by concept nulls last",
    )
    assert found == [
        ("cat", 1, near(0.6), near(3 / 6), near(1 / 6), near(1 / 6), near(1 / 6)),
        ("dog", 1, near(0.8), near(4 / 8), near(2 / 8), 0, near(2 / 8)),
        (None, 2, near(0.7), near(7 / 14), near(3 / 14), near(1 / 14), near(3 / 14)),
    ]


def test_learning_tells_the_shares_of_the_nearest_concept(path: Path) -> None:
    found = rows(
        path,
        "select concept, picture_count, shortcut_share, cosine_above_mean, shortcut_share_above_mean, "
        "residual_share_above_mean from logit_learning where named_by = 'nearest' and concept is not null",
    )
    # dog above the mean of cat and dog: by 0.1 on both pictures; along the shortcut -0.15 and 0, made -0.05 and 0.05
    assert found == [("dog", 2, near(0.4 / 1.6), near(0.1), near(-0.15 / 0.2), near(0))]


def test_a_sound_run_passes_the_checks(path: Path) -> None:
    failed = {result.check_name for result in check(path) if result.failing_count}
    assert not {name for name in failed if "logit" in name or "strength" in name}


def test_what_a_unit_hears_stands_beside_what_it_says(path: Path) -> None:
    """Unit 1 says cat and hears cat and dog, unit 2 says dog and hears cat."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into top_examples by name select unnest([4, 4, 4]) as run_id, unnest([1, 1, 2]) as unit_id, "
            "unnest([1, 2, 1]) as example_rank, unnest([7, 8, 7]) as stimulus_id, 1.0 as activation_mean, "
            "1.0 as activation_max, 0 as max_row_index, 0 as max_column_index"
        )
    found = rows(
        path,
        "select unit_name, heard_concepts, said_concepts, heard_rank_median, concept_count, heard_count, is_said "
        "from unit_hears_and_says order by unit_name",
    )
    assert found == [
        ("4/0/8/0", ["cat", "dog"], ["cat", "dog"], 1.5, 2, 2, True),
        ("4/0/8/1", ["cat"], ["dog", "cat"], 2, 2, 1, True),
    ]
