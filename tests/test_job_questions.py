"""Questions of jobs, sql/jobs/<question>.sql: each says what it asks, is asked, and runs on an empty file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from ingest.runs.earlier import question
from warehouse.schema import SQL

QUESTIONS = sorted((SQL / "jobs").glob("*.sql"))
VALUES: dict[str, Any] = {
    "weights_sha256": "0" * 64,
    "jobs": ["words"],
    "layers": [],
    "layer_names": ["4/2/6"],
    "job_name": "words",
    "model_name": "RN50",
    "pretrained_tag": "openai",
    "run_id": 1,
    "top": 1,
    "count": 1,
    "text": "dog",
    "claimed_of": "ViT-B-32",
    "word": "dog",
    "baseline": "eeeeee",
    "layer": "4/2/6",
}


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_a_question_says_what_it_asks_and_runs(file: Path, empty_warehouse: Path) -> None:
    text = file.read_text(encoding="utf-8")
    first, second, statement, *_ = text.splitlines()
    assert first.startswith("-- ") and "? " in first, "the question, then its grain"
    assert second.startswith("-- Source: ") and statement.startswith(("select", "with", "--"))
    asked = {name: VALUES[name] for name in re.findall(r"\$(\w+)", text)}
    with duckdb.connect(str(empty_warehouse), read_only=True) as connection:
        assert connection.execute(text, asked).fetchall() == []


def test_every_question_is_asked_and_every_one_that_is_asked_is_there() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (SQL.parent / "ingest").rglob("*.py")]
    asked = {name for text in texts for name in re.findall(r'question\("(\w+)"\)', text)}
    assert asked == {file.stem for file in QUESTIONS}


def newest(
    path: Path, *, weights: str = "weights", jobs: Sequence[str] = ("words",), layers: Sequence[str] = ()
) -> Any:
    asked = {"weights_sha256": weights, "jobs": list(jobs), "layers": list(layers)}
    rows = warehouse.query(question("newest_run"), warehouse=path, **asked).rows()
    return rows[0][0] if rows else None


def test_the_newest_run_is_complete_and_of_the_model_the_jobs_and_the_layers(small_warehouse: Path) -> None:
    assert newest(small_warehouse) == 2  # run 3 began later and has not ended
    assert newest(small_warehouse, layers=["4/2/6", "4/1/5"]) == 2
    assert newest(small_warehouse, layers=["1/0/8"]) is None
    assert newest(small_warehouse, jobs=["pictures", "features"]) == 4
    assert newest(small_warehouse, jobs=["features"]) is None
    assert newest(small_warehouse, weights="other weights") is None
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("""update runs set settings = '{"layers": ["4/1/5"]}' where run_id = 2""")
    assert newest(small_warehouse, layers=["4/2/6"]) == 1


def test_unfinished_runs_are_those_of_other_weights_under_the_same_name(small_warehouse: Path) -> None:
    named = {"job_name": "words", "model_name": "RN50-quickgelu", "pretrained_tag": "openai"}

    def left(weights: str, **other: str) -> list[Any]:
        return warehouse.query(
            question("unfinished_runs"), warehouse=small_warehouse, weights_sha256=weights, **{**named, **other}
        ).rows()

    assert left("new weights") == [(3, "weights")]
    assert left("weights") == []
    assert left("new weights", job_name="pictures") == []
    assert left("new weights", pretrained_tag="yfcc15m") == []
