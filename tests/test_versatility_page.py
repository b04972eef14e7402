"""The page of versatility and bimodality: both grids, the heat map, the untrained control."""

from __future__ import annotations

import re

import duckdb
import pytest

from helpers.opening import checked, open_page, shown

CONTROL = """
    insert into models values (2, 'RN50-quickgelu', 'random-0', 'other weights', 224, 5, 8);
    insert into layers select layer_id + 10, 2, columns(* exclude (layer_id, model_id)) from layers;
    insert into units select unit_id + 10, layer_id + 10, columns(* exclude (unit_id, layer_id)) from units;
    insert into runs select run_id + 10, 2, job_name, part_name, settings, 'again ' || run_id, status, device, dtype,
        versions, started_at, finished_at, shard_count, row_count, null from runs where run_id in (2, 5);
    insert into layer_pairs select 12, lower_layer_id + 10, upper_layer_id + 10,
        columns(* exclude (run_id, lower_layer_id, upper_layer_id)) from layer_pairs where run_id = 2;
    insert into expanded_weights select 12, lower_unit_id + 10, upper_unit_id + 10, weight_sum, weight_l1, weight_l2
        from expanded_weights where run_id = 2;
    insert into contribution_statistics select 15, direction, unit_id + 10, other_layer_id + 10,
        columns(* exclude (run_id, direction, unit_id, other_layer_id)) from contribution_statistics where run_id = 5;
"""


def counts(page: str, title: str) -> list[float]:
    """Heights of the bars of the histogram with this title, percent."""
    drawn = page.split(f"<figcaption>{title}</figcaption>")[1].split("</figure>")[0]
    return [float(height) for height in re.findall(r"height:([\d.]+)%", drawn)]


def test_both_grids_show_the_contributions(small_weights, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, small_weights, "versatility", unit="3/5/1/0", upper="3/5/5"))
    lower, upper = counts(page, "3/5/1/0 →"), counts(page, "→ 3/5/5")
    assert lower == upper and len(lower) == 31
    assert [index for index, height in enumerate(lower) if height] == [0, 23, 30], "-1, 0.5 and 1"
    assert "p 0.88 · 0.25 · 25 %" in page, "the statistics under it"
    assert len(counts(page, "→ 4/2/5")) == 31


def test_the_heat_map_holds_every_pair_and_leads_to_it(small_weights, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, small_weights, "versatility", unit="3/5/1/0"))
    assert 'title="3/5/1 to 3/5/5: 0.375"' in page
    assert 'href="versatility?unit=3/5/1/0&amp;upper=3/5/5' in page


def test_another_statistic_is_chosen(small_weights, monkeypatch) -> None:
    app = open_page(monkeypatch, small_weights, "versatility")
    page = shown(checked(app.selectbox(key="measure").select("excess kurtosis, median").run()))
    assert 'title="3/5/1 to 3/5/5: 3.25"' in page


def test_a_unit_without_contributions_is_a_quiet_line(small_weights, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, small_weights, "versatility", unit="9/9/9/9"))
    assert "No contributions of 9/9/9/9" in page and "Nothing reaches 4/2/5 with channel 9" in page


@pytest.mark.parametrize("typed", ["", "cap", "4/2", "'; drop table runs"])
def test_anything_may_be_typed_as_a_unit(small_weights, monkeypatch, typed) -> None:
    app = open_page(monkeypatch, small_weights, "versatility")
    checked(app.text_input(key="unit").set_value(typed).run())


def test_the_untrained_control_stands_beside(small_weights, monkeypatch) -> None:
    assert "--pretrained random" in shown(open_page(monkeypatch, small_weights, "versatility"))
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute(CONTROL)
    page = shown(open_page(monkeypatch, small_weights, "versatility", unit="3/5/1/0"))
    assert "The untrained network" in page and "The lower unit varies, untrained" in page
    assert page.count("<figcaption>→ 3/5/5</figcaption>") == 2


def test_without_weights_the_page_names_the_command(empty_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest weights" in shown(open_page(monkeypatch, empty_warehouse, "versatility"))
