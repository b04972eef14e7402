"""The Bottleneck learning page: shares by both definitions, a threshold, published values beside ours, candidates."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from helpers.opening import checked, open_page, shown

ROWS = (Path(__file__).parent / "rows" / "small_shares.sql").read_text()


@pytest.fixture
def shared(empty_warehouse: Path) -> Path:
    """The rows of small_shares.sql: bottlenecks 4/0 and 4/1 of three channels, one of them dead."""
    with duckdb.connect(str(empty_warehouse)) as connection:
        connection.execute(ROWS)
    return empty_warehouse


def test_the_distribution_of_each_bottleneck_and_the_share_above_the_threshold(shared, monkeypatch) -> None:
    app = open_page(monkeypatch, shared, "learning")
    page = shown(app)
    assert "<figcaption>4/0</figcaption>" in page and "<figcaption>4/1</figcaption>" in page
    assert "50.0 % above · 0 dead" in page, "4/0: one of two measured channels, 0.75 and 0.95"
    lower = shown(checked(app.slider(key="threshold").set_value(0.7).run()))
    assert "100.0 % above · 0 dead" in lower and "Channels above 0.70" in lower


def test_both_definitions_stand_side_by_side(shared, monkeypatch) -> None:
    app = open_page(monkeypatch, shared, "learning")
    page = shown(app)
    assert "examples · added" in page and "examples · published" in page and "features · added" in page
    other = shown(checked(app.segmented_control(key="definition").set_value("published").run()))
    assert "published, examples" in other


def test_published_values_lie_beside_ours(shared, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, shared, "learning", images="features", definition="published"))
    assert page.count('class="cw-outline"') == 3, "RN50's shares of 4/0, 4/1 and 4/2 come with the program"
    assert "OpenAI’s RN50, as published" in page and "published 82.2 %" in page
    assert re.search(r"published \d+\.\d %", page)
    assert "↑ ours against published share →" in page and 'href="unit?unit=4/1/6/' in page


def test_candidates_are_listed_with_their_evidence(shared, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, shared, "learning", bottleneck="4/1"))
    assert 'aria-label="Enrichment candidates"' in page and ">4/0/8/0</a>" in page and ">4/1/5/0</a>" in page


def test_without_shares_the_page_names_the_command(small_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest shares" in shown(open_page(monkeypatch, small_warehouse, "learning"))
