"""The Picture page over stored graphs: what it shows without running a model."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from helpers.opening import open_page, shown

ROWS = Path(__file__).parent / "rows"


@pytest.fixture
def explained(empty_warehouse: Path) -> Path:
    """The rows of small_graph.sql, with strengths of its picture in a logits run 3."""
    with duckdb.connect(str(empty_warehouse)) as connection:
        connection.execute((ROWS / "small_graph.sql").read_text())
        connection.execute(
            "insert into runs values (3, 1, 'logits', '', '{}', 'run 3', 'complete', 'cpu', 'float32', '{}', "
            "'2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 0, null)"
        )
        connection.execute("insert into logit_concepts values (3, 0, 'dog', [1, 0]), (3, 1, 'cat', [0, 1])")
        connection.execute("insert into picture_embeddings values (3, 7, 10, [9, 0], [-1, 4], [1, 0], [1, 0])")
        connection.execute("insert into unit_projections values (3, 7, 0, 2), (3, 7, 1, 1), (3, 8, 0, 0), (3, 8, 1, 1)")
    return empty_warehouse


def test_the_page_begins_with_a_stored_graph_and_runs_no_model(explained, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, explained, "picture"))
    assert "<strong>dog</strong>" in page and "Who says dog" in page
    assert 'title="along the shortcut 0.900, made here −0.100, rest 0.200"' in page
    assert "dog, cat" in page, "what the unit says"
    assert "Press a unit of the graph" in page


def test_a_pressed_unit_is_shown_on_the_picture(explained, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, explained, "picture", node="4/1/6/0"))
    assert 'alt="4/1/6/0 on the picture"' in page
    assert "adds 0.600 here" in page


def test_without_strengths_the_page_names_the_command(small_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest logits" in shown(open_page(monkeypatch, small_warehouse, "picture"))
