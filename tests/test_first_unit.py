"""Which unit the unit page shows first: one whose pictures, or words, agree."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from helpers.opening import open_page

PHONE, MOON = "4/2/6/10", "4/2/6/12"


@pytest.fixture
def three_units(small_pictures: Path) -> Path:
    """Three more units of 4/2/6 with twenty pictures each: of phones, of twenty things, of moons."""
    write(
        small_pictures,
        "insert into units select 100 + range, 2, 10 + range, '4/2/6/' || 10 + range, 1, 0 from range(3); "
        "insert into stimuli select 200 + 20 * unit + place, 'picture', "
        "['a red phone', 'odd' || place, 'Moon'][unit + 1], null, 'p' || unit || '/' || place, 9, 9, false, null "
        "from range(3) as units (unit) cross join range(20) as places (place); "
        "insert into top_examples select 5, 100 + unit, place + 1, 200 + 20 * unit + place, 30 - place, 31, 0, 0 "
        "from range(3) as units (unit) cross join range(20) as places (place)",
    )
    return small_pictures


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def begins_with(monkeypatch: pytest.MonkeyPatch, path: Path) -> str:
    (box,) = [box for box in open_page(monkeypatch, path, "unit").text_input if str(box.key).startswith("search ")]
    return box.value


def test_a_unit_whose_pictures_agree_comes_first(three_units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begins_with(monkeypatch, three_units) == PHONE


def test_among_those_one_that_a_word_also_names_comes_first(three_units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        three_units,
        "insert into stimuli values (900, 'word', 'moon', null, 'word 900', 9, 9, false, null); "
        "insert into run_stimuli values (2, 900); "
        "insert into activations values (2, 900, 102, 7, 9), (2, 900, 100, 0, 9); "
        "insert into baseline_activations values (2, 102, 0), (2, 100, 0)",
    )
    assert begins_with(monkeypatch, three_units) == MOON


def test_among_those_one_with_a_feature_visualisation_comes_first(
    three_units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        three_units,
        "insert into runs values (30, 1, 'features', '', '{}', 'run 30', 'complete', 'cpu', 'float32', '{}', "
        "'2024-05-01', '2024-05-01', 1, 1, null); "
        "insert into feature_visualizations by name select 30 as run_id, 102 as unit_id, 'optimised' as source, "
        "'channel' as objective, 'x'::blob as image, 1 as activation_mean, 1 as activation_max, 'h' as content_sha256",
    )
    assert begins_with(monkeypatch, three_units) == MOON


def test_explicit_pictures_do_not_choose_it(three_units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(three_units, "update stimuli set is_explicit = true where stimulus_text = 'a red phone'")
    assert begins_with(monkeypatch, three_units) == MOON


def test_without_pictures_the_unit_that_one_word_drives_furthest(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Run 2: 4/2/6/0 says 2, 4, 8, 3 and 4/2/6/1 says 6, 5, 6, 12.
    assert begins_with(monkeypatch, small_warehouse) == "4/2/6/1"


def test_where_nothing_is_known_the_first_of_the_last_layer(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(small_warehouse, "delete from activations; delete from runs where job_name = 'words'")
    assert begins_with(monkeypatch, small_warehouse) == "4/2/6/0"
