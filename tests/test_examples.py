"""The example queries run as they stand, on an empty warehouse and on a filled one."""

from __future__ import annotations

from pathlib import Path

import pytest

import warehouse
from ingest.commands.demo import QUERIES
from warehouse.schema import SQL

EXAMPLES = sorted((SQL / "examples").glob("*.sql"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_runs_and_asks_its_question_on_the_first_line(file: Path, empty_warehouse: Path) -> None:
    text = file.read_text()
    assert text.startswith("-- ")
    assert "?" in text.splitlines()[0]
    warehouse.query(text, warehouse=empty_warehouse)


def test_the_demo_prints_examples_that_are_there() -> None:
    assert set(QUERIES) <= {file.stem for file in EXAMPLES}


def test_trained_and_random_stand_side_by_side(small_weights: Path) -> None:
    rows = warehouse.query((SQL / "examples" / "trained_and_random.sql").read_text(), warehouse=small_weights)
    assert len(rows) >= 1
    assert rows.columns[:3] == ["model_name", "pretrained_tag", "direction"]
