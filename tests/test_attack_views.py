"""Views of attacks on small_logits.sql: picture 8 stands for picture 7 with a text laid over it, measured by run 7."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from warehouse.checking import check

near = pytest.approx
RUN = (
    "select * replace ({run} as run_id, '{job}' as job_name, '{part}' as part_name, 'run {run}' as settings_sha256) "
    "from runs where run_id = 2"
)
OF_LOGITS = (
    "logit_concepts",
    "logit_concept_heads",
    "unit_heads",
    "unit_positions",
    "unit_projections",
    "head_projections",
    "picture_strengths",
    "picture_attention",
    "picture_embeddings",
)


@pytest.fixture
def path(small_logits: Path) -> Path:
    with duckdb.connect(str(small_logits)) as connection:
        for run, job, part in ((6, "typographic", ""), (7, "logits", "attacked")):
            connection.execute(f"insert into runs {RUN.format(run=run, job=job, part=part)}")
            connection.execute(f"insert into run_stimuli values ({run}, 7), ({run}, 8)")
        connection.execute(
            "insert into shards select 7, shard_index, row_count, loaded_at from shards where run_id = 2"
        )
        # picture 9 is the same cat with another text, which no run over attacked pictures shows
        connection.execute("insert into typographic_stimuli values (8, 7, 'dog'), (9, 7, 'cow')")
        for table in OF_LOGITS:
            connection.execute(f"insert into {table} select 7, * exclude (run_id) from {table} where run_id = 2")
    return small_logits


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def test_a_change_is_attacked_less_clean_by_branch(path: Path) -> None:
    found = rows(
        path,
        "select run_id, overlay_text, clean_stimulus_id, stimulus_id, unit_name, clean_contribution, "
        "attacked_contribution, contribution_change, shortcut_change, residual_change, position_change "
        "from attack_contributions where concept = 'dog' order by unit_name",
    )
    # unit 2 says dog through head 1: (0 + 0 + 3) * 2 / 10 clean, (2 + 1 + 0) * 2 / 10 attacked
    assert found == [
        (7, "dog", 7, 8, "4/0/8/0", 0, 0, 0, 0, 0, 0),
        (7, "dog", 7, 8, "4/0/8/1", near(0.6), near(0.6), near(0), near(0.4), near(0.2), near(-0.6)),
    ]


def test_changes_add_up_to_the_change_of_the_cosine(path: Path) -> None:
    changes = rows(path, "select concept, sum(contribution_change) from attack_contributions group by 1 order by 1")
    cosines = rows(
        path,
        "select concept, sum(if(stimulus_id = 8, 1, -1) * (cosine - constant_contribution)) "
        "from all_runs.picture_cosines where run_id = 7 group by 1 order by 1",
    )
    assert [(concept, near(change)) for concept, change in changes] == cosines


def test_no_plain_view_mixes_attacked_pictures_with_the_set(path: Path) -> None:
    for view in ("logit_contributions", "picture_concepts", "unit_words", "head_words"):
        assert rows(path, f"select distinct run_id from {view}") == [(2,)], view
    assert rows(path, "select run_id from shown_logit_runs") == [(2,)]
    assert rows(path, "select run_id from all_runs.shown_logit_runs order by run_id") == [(1,), (2,), (7,)]


def test_attacked_pictures_stand_beside_their_clean_ones(path: Path) -> None:
    found = rows(
        path,
        "select run_id, pair_rank, stimulus_id, is_attacked, overlay_text, clean_sha256 from attacked_pictures "
        "order by pair_rank, is_attacked",
    )
    assert found == [(6, 1, 7, False, "dog", "c"), (6, 1, 8, True, "dog", "c")]


def test_the_checks_pass(path: Path) -> None:
    failed = {result.check_name for result in check(path) if result.failing_count}
    assert not {name for name in failed if "logit" in name or "strength" in name}
