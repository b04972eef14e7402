"""Questions of pages, sql/pages/<page>/<question>.sql: each says what it asks, is asked, and runs on an empty file."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from dashboards.reads import questions
from warehouse.schema import SQL

HOUSE = SQL.parent
QUESTIONS = sorted((SQL / "pages").rglob("*.sql"))
ASKED = {
    name
    for file in (HOUSE / "dashboards").rglob("*.py")
    for name in re.findall(r'"(\w+/\w+)"', file.read_text(encoding="utf-8"))
}
VALUES = {
    "runs": [1],
    "feature_runs": [1],
    "picture_runs": [1],
    "units": ["4/2/6/0"],
    "layers": ["4/2/5"],
    "words": ["dog"],
    "texts": ["dog"],
    "lower_ids": [1],
    "upper_ids": [1],
    "unit_ids": [1],
    "stimulus_ids": [1],
    "unit": "4/2/6/0",
    "layer": "4/2/5",
    "word": "dog",
    "text": "dog",
    "embedding": [0.5],
    "other": "cat",
    "baseline": "eeeeee",
    "picture": "#1",
    "order": "mean",
    "definition": "added",
    "bottleneck": "4/2",
    "direction": "forward",
}


def named(file: Path) -> str:
    return "/".join(file.relative_to(SQL / "pages").with_suffix("").parts)


@pytest.mark.parametrize("file", QUESTIONS, ids=named)
def test_a_question_says_what_it_asks_in_two_lines(file: Path) -> None:
    first, second, statement, *_ = file.read_text(encoding="utf-8").splitlines()
    assert first.startswith("-- ") and "? " in first, "the question, then its grain"
    assert second.startswith("-- ") and not statement.startswith("--"), "where it is shown"


@pytest.mark.parametrize("file", QUESTIONS, ids=named)
def test_a_question_runs_as_a_page_shows_it(file: Path, empty_warehouse: Path) -> None:
    found = re.findall(r"(?:(\w+) (=|in) )?\$(\w+)", file.read_text(encoding="utf-8"))
    values = {name: 1 if of.endswith("_id") else VALUES.get(name, 1) for of, _, name in found}
    values |= {name: [1] for of, how, name in found if how == "in" and of.endswith("_id")}
    with duckdb.connect(str(empty_warehouse), read_only=True) as connection:
        connection.execute(questions.written(named(file), **values))


def test_every_question_is_asked_and_every_one_that_is_asked_is_there() -> None:
    there = {named(file) for file in QUESTIONS}
    of_report = {name for name in there if name.startswith("report/")}
    assert there - of_report <= ASKED
    folders = {name.split("/")[0] for name in there}
    assert {name for name in ASKED if name.split("/")[0] in folders} <= there
