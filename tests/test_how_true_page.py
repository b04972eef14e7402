"""The How true page, and the mark of truth beside expanded weights, on the rows of small_effects.sql."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from helpers.opening import checked, open_page, shown

# A block's output, which the unit page needs, and the pairs of the gated run.
OUTPUT = """
    insert into layers values (6, 1, '4/2/6', 4, 2, 6, 5, 'relu', 'layer4.2', 1, 7, 7, 'image_block_4_2_Add_6_0');
    insert into units values (9, 6, 0, '4/2/6/0', 1, 0);
"""
GATED = """
    insert into layer_pairs select 23, * exclude (run_id) from layer_pairs where run_id = 2;
    insert into expanded_weights select 23, * exclude (run_id) from expanded_weights where run_id = 2;
"""
GATED_STATISTICS = """
    insert into runs
    select 24, * exclude (run_id) replace ('contributions' as job_name, 'run 24' as settings_sha256)
    from runs where run_id = 23;
    insert into contribution_statistics
    select 24, * exclude (run_id) replace (0.9 as sarle_coefficient) from contribution_statistics where run_id = 5;
"""


def write(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(";".join(statements))
    return path


def test_correlations_of_the_trained_and_the_untrained_network_stand_side_by_side(
    small_effects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(open_page(monkeypatch, small_effects, "how_true"))
    assert page.count("correlation of predicted and real effects, lower layer by upper layer") == 4
    assert 'title="3/5/1 to 4/2/5: ' in page and 'href="how_true?' in page
    assert "2 pictures · 2 lower units replaced" in page


def test_a_pair_is_opened_with_a_point_a_connection(small_effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(open_page(monkeypatch, small_effects, "how_true", lower="3/5/1", upper="4/2/5"))
    assert page.count("3/5/1/0 → 4/2/5/0: predicted 0, really 0") >= 1
    assert "3/5/1/1 → 4/2/5/0: predicted 2.00, really 0" in page
    assert "&amp;unit=3/5/1/0&amp;to=4/2/5" in page


def test_a_pair_that_was_not_measured_falls_back(small_effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(open_page(monkeypatch, small_effects, "how_true", lower="1/0/1", upper="'; drop table runs"))
    assert "3/5/1 → 4/2/5" in page


def test_without_effects_the_page_names_the_command(small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "clip-warehouse ingest effects" in shown(open_page(monkeypatch, small_weights, "how_true"))


def test_what_feeds_a_unit_says_how_true_it_is(small_effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, write(small_effects, OUTPUT, GATED), "unit", unit="4/2/5/0")
    page = shown(app)
    assert "linear, 3/5/1 → 4/2/5: correlation with real effects" in page
    assert app.selectbox(key="weights").options == ["linear", "gated", "effect on pictures"]
    page = shown(checked(app.selectbox(key="weights").select("effect on pictures").run()))
    assert "effect on pictures, 3/5/1 → 4/2/5" in page and "mean effect" in page
    assert page.index(">3/5/1/1</a>") < page.index(">3/5/1/0</a>"), "2 is more than 0.5"


def test_what_is_not_measured_is_not_offered_but_named(small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, write(small_weights, OUTPUT), "unit", unit="4/2/5/0", weights="gated")
    assert app.selectbox(key="weights").options == ["linear"]
    page = shown(app)
    assert "gated, effect on pictures: <code" in page and "ingest weights --gates pictures --upper 4/2/5" in page
    assert "not measured" in page and "ingest effects --upper 4/2/5 --lower 3/5/1" in page


def test_versatility_of_gated_weights_is_another_choice(small_effects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(small_effects, GATED, GATED_STATISTICS)
    app = open_page(monkeypatch, small_effects, "versatility", unit="3/5/1/0", upper="3/5/5")
    assert "p 0.88 · 0.25 · 25 %" in shown(app)
    assert "p 0.88 · 0.90 · 25 %" in shown(checked(app.selectbox(key="weights").select("gated").run()))
