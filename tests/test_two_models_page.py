"""The page Two models, and what the unit page says about other models, on the rows of small_matches.sql."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from helpers.opening import checked, open_page, shown

OTHER = "RN101-quickgelu"
PICTURES = """
    insert into stimuli values (1, 'picture', 'a hat', 'hat.png', 'hat', 8, 8, false, null),
        (2, 'picture', 'a cat', 'cat.png', 'cat', 8, 8, false, null);
    insert into runs select run_id + 10, case run_id when 30 then 1 else 2 end, * exclude (run_id, model_id)
        replace ('pictures' as job_name, '' as part_name, '{}' as settings, 'pictures ' || run_id as settings_sha256)
    from runs;
    insert into top_examples values (40, 1, 1, 1, 0.5, 0.5, 0, 0), (41, 12, 1, 2, 0.25, 0.5, 0, 0);
"""


def page_of(path: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> str:
    return shown(open_page(monkeypatch, path, "two_models", **query))


def test_layers_twins_and_the_loneliest_are_shown_and_lead_to_both_models(
    small_matches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(small_matches, monkeypatch)
    assert f"RN50-quickgelu beside {OTHER}" in page
    assert 'title="4/2/6 to 4/2/6: 0.500"' in page and 'title="4/2/6 to 4/2/6: 0.125"' in page
    assert 'href="two_models?' in page and "other_layer=4/2/6" in page
    twins, loneliest = page[page.index('aria-label="Twins"') :].split('aria-label="Loneliest"')
    assert 'aria-label="unit 4/2/6/0"' in twins and ">0.75<" in twins and ">0.50<" in twins
    assert f'aria-label="unit 4/2/6/1 of {OTHER}"' in twins and f"model={OTHER}" in twins
    assert 'aria-label="unit 4/2/6/1"' in loneliest and 'aria-label="unit 4/2/6/0"' not in loneliest


def test_the_other_models_side_is_the_reverse(small_matches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, small_matches, "two_models")
    page = shown(checked(app.selectbox(key="model").select(OTHER).run()))
    assert f"{OTHER} beside RN50-quickgelu" in page and "2 · 100%" in page
    assert "Every unit of 4/2/6 is matched somewhere." in page


def test_an_address_that_was_not_compared_falls_back(small_matches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(small_matches, monkeypatch, layer="'; drop table runs", other_layer="9/9/9", compared="none")
    assert "4/2/6 in 4/2/6" in page


def test_without_matches_the_page_names_the_command(small_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(small_weights, monkeypatch)
    assert "clip-warehouse ingest matches RN50-quickgelu --other-pretrained random --model RN50-quickgelu" in page


def test_a_box_chooses_among_several(small_matches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(small_matches)) as connection:
        connection.execute(
            "insert into runs select 32, * exclude (run_id) replace ('run 32' as settings_sha256, "
            "'on words' as part_name, replace(settings, 'pictures', 'words') as settings, "
            "timestamp '2024-03-01' as finished_at) "
            "from runs where run_id = 31; "
            "insert into match_nulls select 32, * exclude (run_id) replace (1 as held_out_count) from match_nulls "
            "where run_id = 31"
        )
    app = open_page(monkeypatch, small_matches, "two_models")
    box = app.selectbox(key="compared")
    assert box.options == [f"{OTHER} · on words", OTHER] and "No unit of 4/2/6 is its partner’s best" in shown(app)
    assert ">0.75<" in shown(checked(box.select(OTHER).run()))


def test_a_unit_stands_beside_its_partners_with_their_pictures(
    small_matches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(small_matches)) as connection:
        connection.execute(PICTURES)
    page = shown(open_page(monkeypatch, small_matches, "unit", unit="4/2/6/0", model="RN50-quickgelu"))
    section = page[page.index('class="cw-elsewhere"') :]
    assert f"<h3>{OTHER}</h3>" in section
    first, second = section.index(f"unit 4/2/6/1 of {OTHER}"), section.index(f"unit 4/2/6/0 of {OTHER}")
    assert first < second and "<b>0.75</b><small>0.50</small><small>twin</small>" in section
    assert "<b>\N{MINUS SIGN}0.50</b>" in section and "<small>matched</small>" in section
    assert 'title="a hat"' in section[:first] and 'title="a cat"' in section[first:second], (
        "its own, then the partner's"
    )


def test_a_unit_that_was_not_compared_says_so(small_matches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(open_page(monkeypatch, small_matches, "unit", unit="4/2/6/2", model="RN50-quickgelu"))
    assert "not compared, or constant on what was shown" in page


def test_a_unit_page_without_matches_names_the_command(small_shares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(open_page(monkeypatch, small_shares, "unit", unit="4/1/6/0"))
    assert "clip-warehouse ingest matches OTHER" in page
