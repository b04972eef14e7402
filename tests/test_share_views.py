"""Every view of shortcut shares on the rows of small_shares.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse

near = pytest.approx


@pytest.fixture
def path(small_shares: Path) -> Path:
    return small_shares


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


# Runs


@pytest.mark.parametrize("view", ["unit_shortcut_share", "bottleneck_learning", "enrichment_candidates"])
def test_examples_and_features_stand_side_by_side_and_older_runs_apart(path: Path, view: str) -> None:
    assert rows(path, f"select distinct run_id, image_source from {view} order by 1") == [
        (2, "examples"),
        (3, "features"),
    ]
    assert rows(path, f"select distinct run_id from all_runs.{view} order by 1") == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    "view", ["unit_shortcut_share", "bottleneck_learning", "enrichment_candidates", "published_comparison"]
)
def test_without_a_complete_run_there_is_nothing(path: Path, view: str) -> None:
    write(path, "update runs set status = 'running'")
    assert rows(path, f"from {view}") == []
    assert rows(path, f"from all_runs.{view}") == []


# Units


def test_unit_branches_are_the_downsample_or_the_previous_output_and_index_5(path: Path) -> None:
    assert rows(
        path, "select unit_name, bottleneck_name, shortcut_unit, residual_unit from unit_branches order by unit_id"
    ) == [
        ("4/0/8/0", "4/0", "4/0/7/0", "4/0/5/0"),
        ("4/0/8/1", "4/0", "4/0/7/1", "4/0/5/1"),
        ("4/0/8/2", "4/0", "4/0/7/2", "4/0/5/2"),
        ("4/1/6/0", "4/1", "4/0/8/0", "4/1/5/0"),
        ("4/1/6/1", "4/1", "4/0/8/1", "4/1/5/1"),
        ("4/1/6/2", "4/1", "4/0/8/2", "4/1/5/2"),
    ]


def test_unit_branches_stay_inside_one_model(path: Path) -> None:
    write(
        path,
        "insert into models values (2, 'RN50', 'random-0', 'other', 224, 1, 1);"
        "insert into layers select layer_id + 10, 2, * exclude (layer_id, model_id) from layers;"
        "insert into units select unit_id + 100, layer_id + 10, * exclude (unit_id, layer_id) from units",
    )
    found = rows(path, "select unit_id, shortcut_unit_id, residual_unit_id from unit_branches order by 1")
    assert len(found) == 12
    assert found[6:] == [tuple(identifier + 100 for identifier in row) for row in found[:6]]


def test_unit_shortcut_share_has_a_row_a_definition_and_source(path: Path) -> None:
    assert rows(
        path,
        "select image_source, definition, shortcut_share, image_count, is_dead, shortcut_unit, residual_unit "
        "from unit_shortcut_share where unit_name = '4/1/6/0' order by 1, 2",
    ) == [
        ("examples", "added", 0.5, 2, False, "4/0/8/0", "4/1/5/0"),
        ("examples", "published", 0.25, 2, False, "4/0/8/0", "4/1/5/0"),
        ("features", "added", 0.25, 1, False, "4/0/8/0", "4/1/5/0"),
        ("features", "published", 0.5, 1, False, "4/0/8/0", "4/1/5/0"),
    ]


def test_a_channel_is_dead_when_its_shortcut_is_silent_and_unknown_without_images(path: Path) -> None:
    assert rows(
        path,
        "select unit_name, definition, is_dead from unit_shortcut_share "
        "where channel_index = 2 and image_source = 'examples' order by 1, 2",
    ) == [
        ("4/0/8/2", "added", None),
        ("4/0/8/2", "published", None),
        ("4/1/6/2", "added", True),
        ("4/1/6/2", "published", True),
    ]


# Bottlenecks


def test_bottleneck_learning_counts_dead_channels_both_ways(path: Path) -> None:
    assert rows(
        path,
        "select bottleneck_name, image_source, definition, channel_count, measured_channel_count, dead_channel_count, "
        "above_count, above_share, living_above_share from bottleneck_learning order by 1, 2, 3",
    ) == [
        ("4/0", "examples", "added", 3, 2, 0, 1, 0.5, 0.5),
        ("4/0", "examples", "published", 3, 2, 0, 2, 1, 1),
        ("4/1", "examples", "added", 3, 3, 1, 0, 0, 0),
        ("4/1", "examples", "published", 3, 3, 1, 1, near(1 / 3), 0.5),
        ("4/1", "features", "added", 3, 3, 0, 0, 0, 0),
        ("4/1", "features", "published", 3, 3, 1, 1, near(1 / 3), 0.5),
    ]


def test_bottleneck_learning_averages_the_channels_that_have_a_share(path: Path) -> None:
    assert rows(
        path,
        "select shortcut_share_mean, shortcut_share_median, cosine_similarity_mean from bottleneck_learning "
        "where bottleneck_name = '4/1' and image_source = 'examples' and definition = 'added'",
    ) == [(near(1.25 / 3), 0.5, -0.375)]


@pytest.mark.parametrize(("threshold", "above"), [(0, 2), (0.5, 1), (0.74, 1), (0.75, 0)])
def test_bottleneck_learning_above_takes_any_threshold(path: Path, threshold: float, above: int) -> None:
    assert rows(
        path,
        "select above_count, shortcut_share_threshold from bottleneck_learning_above($threshold) "
        "where bottleneck_name = '4/1' and image_source = 'examples' and definition = 'added'",
        threshold=threshold,
    ) == [(above, threshold)]


# Published


def test_published_comparison_holds_each_measurement_of_ours_against_the_file(path: Path) -> None:
    assert rows(
        path,
        "select shares_run_id, unit_name, published_share, shortcut_share, share_difference, disagreement_rank, "
        "published_cosine from published_comparison where definition = 'published' order by 1, 2",
    ) == [
        (2, "4/1/6/0", 0.25, 0.25, 0, 2, 0.5),
        (2, "4/1/6/1", 0.9375, near(0.95), near(0.0125), 1, -0.5),
        (2, "4/1/6/2", None, None, None, None, None),
        (3, "4/1/6/0", 0.25, 0.5, 0.25, 1, 0.5),
        (3, "4/1/6/1", 0.9375, 0.96875, 0.03125, 2, -0.5),
        (3, "4/1/6/2", None, 0, None, None, None),
    ]


def test_published_agreement_gives_the_files_own_figures_and_ours(path: Path) -> None:
    assert rows(
        path,
        "select image_source, published_channel_count, published_dead_channel_count, published_above_share, "
        "published_living_above_share, compared_channel_count, above_share, absolute_difference_mean, "
        "absolute_difference_largest, share_rank_correlation from published_agreement "
        "where definition = 'published' order by 1",
    ) == [
        ("examples", 3, 1, near(1 / 3), 0.5, 2, near(1 / 3), near(0.00625), near(0.0125), near(1)),
        ("features", 3, 1, near(1 / 3), 0.5, 2, near(1 / 3), near(0.140625), 0.25, near(1)),
    ]


def test_published_agreement_ranks_ties_at_their_mean(path: Path) -> None:
    """Published 1, 2, 2, 4 (tenths) beside ours 1, 3, 2, 2: ranks 1, 2.5, 2.5, 4 and 1, 4, 2.5, 2.5, so 2.25 / 4.5."""
    write(
        path,
        "insert into units values (16, 5, 3, '4/1/6/3', 1, 0); delete from published_shares;"
        "insert into published_shares values (5, '4/1/6/0', 0.1, 0, '', 'RN50'), (5, '4/1/6/1', 0.2, 0, '', 'RN50'),"
        "(5, '4/1/6/2', 0.2, 0, '', 'RN50'), (5, '4/1/6/3', 0.4, 0, '', 'RN50');"
        "delete from residual_shares where run_id = 3;"
        "insert into residual_shares values (3, 13, 'added', 'features', 1, 1, 9, 0.1, null, 0),"
        "(3, 14, 'added', 'features', 1, 3, 7, 0.3, null, 0), (3, 15, 'added', 'features', 1, 2, 8, 0.2, null, 0),"
        "(3, 16, 'added', 'features', 1, 2, 8, 0.2, null, 0)",
    )
    ((found,),) = rows(path, "select share_rank_correlation from published_agreement where shares_run_id = 3")
    assert found == near(0.5)


def test_published_figures_need_no_measurement_of_ours(path: Path) -> None:
    write(path, "delete from residual_shares")
    assert rows(
        path,
        "select model_name, published_channel_count, published_above_share, above_share, share_rank_correlation "
        "from published_agreement",
    ) == [(None, 3, near(1 / 3), None, None)]
    assert rows(path, "select count(*), count(shortcut_share), count(disagreement_rank) from published_comparison") == [
        (3, 0, 0)
    ]


# Candidates


def candidates(path: Path, columns: str) -> list[tuple[Any, ...]]:
    return rows(
        path,
        f"select {columns} from enrichment_candidates "
        "where run_id = 2 and definition = 'added' and bottleneck_name = '4/1' order by enrichment_rank",
    )


def test_enrichment_candidates_weigh_difference_by_balance(path: Path) -> None:
    # 4/1/6/0: share 0.5; 1 of 5 pictures and 1 of 3 words are shared. 4/1/6/1: share 0.75, the same picture, no words.
    assert candidates(
        path,
        "enrichment_rank, unit_name, branch_balance, picture_difference, word_difference, enrichment_score, "
        "shared_picture_count, shared_word_count",
    ) == [
        (1, "4/1/6/0", 1, near(0.8), near(2 / 3), near((0.8 + 2 / 3) / 2), 1, 1),
        (2, "4/1/6/1", 0.75, 0, None, 0, 1, None),
    ]


def test_enrichment_candidates_bring_their_evidence(path: Path) -> None:
    assert candidates(
        path,
        "shortcut_unit, residual_unit, kept_shortcut_picture_count, kept_residual_picture_count, "
        "kept_shortcut_word_count, kept_residual_word_count, output_words, shortcut_words, residual_words",
    )[0] == ("4/0/8/0", "4/1/5/0", 2, 1, 1, 1, ["hat", "ball"], ["hat", "cap"], ["ball", "cap"])


def test_a_unit_without_evidence_of_both_branches_is_not_a_candidate(path: Path) -> None:
    assert [unit for (unit,) in candidates(path, "unit_name")] == ["4/1/6/0", "4/1/6/1"]
    write(path, "delete from top_examples where unit_id = 11")
    assert [unit for (unit,) in candidates(path, "unit_name")] == ["4/1/6/0"]


def test_words_alone_are_evidence(path: Path) -> None:
    write(path, "delete from top_examples")
    assert candidates(path, "unit_name, picture_difference, enrichment_score") == [("4/1/6/0", None, near(2 / 3))]


def test_only_twenty_words_above_the_baseline_count(path: Path) -> None:
    write(
        path,
        "delete from top_examples; delete from activations where stimulus_id <> 90;"
        "insert into stimuli select 100 + i, 'word', 'w' || i, null, 't' || i, 1, 1, false, null from range(30) t(i);"
        "insert into activations select 7, 100 + i, unit_id, 100 - i, 100 from range(30) t(i), (values (7)) u(unit_id);"
        "insert into activations select 7, 100 + i, 10, 71 + i, 100 from range(30) t(i)",
    )
    # w0 to w19 on the one side, w29 down to w10 on the other: ten of thirty are shared.
    assert candidates(path, "shared_word_count, word_difference") == [(10, near(2 / 3))]
