"""Views of units in two models over the rows of small_matches.sql."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse.checking import check

SETTLED = "select unit_name, other_unit_name, correlation, null_correlation, is_matched, is_best_match, match_rank "


def test_unit_matches_say_whose_units_they_are_and_which_are_matched(small_matches: Path) -> None:
    rows = warehouse.query(f"{SETTLED} from unit_matches order by unit_name, match_rank", warehouse=small_matches)
    assert rows.rows() == [
        ("4/2/6/0", "4/2/6/1", 0.75, 0.5, True, True, 1),
        ("4/2/6/0", "4/2/6/0", -0.5, 0.5, True, False, 2),
        ("4/2/6/1", "4/2/6/1", 0.25, 0.25, False, False, 1),
        ("4/2/6/1", "4/2/6/0", None, 0.25, False, False, 2),
    ]
    models = warehouse.query("select distinct model_name, other_model_name from unit_matches", warehouse=small_matches)
    assert models.rows() == [("RN50-quickgelu", "RN101-quickgelu")]


def test_unit_partners_hold_the_other_models_units_too(small_matches: Path) -> None:
    rows = warehouse.query(
        f"{SETTLED} from unit_partners where model_name = 'RN101-quickgelu' and match_rank = 1 order by unit_name",
        warehouse=small_matches,
    )
    assert rows.rows() == [
        ("4/2/6/0", "4/2/6/0", -0.5, 0.125, True, False, 1),
        ("4/2/6/1", "4/2/6/0", 0.75, 0.375, True, True, 1),
    ]


def test_layer_matches_are_of_the_best_partners_of_units_that_change(small_matches: Path) -> None:
    rows = warehouse.query("from layer_matches order by is_reverse", warehouse=small_matches).rows(named=True)
    forward, back = rows
    assert (forward["model_name"], forward["other_model_name"]) == ("RN50-quickgelu", "RN101-quickgelu")
    assert (forward["unit_count"], forward["changing_unit_count"], forward["matched_count"]) == (3, 2, 1)
    assert (forward["matched_share"], forward["best_matched_share"]) == (0.5, 0.5)
    assert (forward["correlation_mean"], forward["null_correlation_mean"]) == (0.5, 0.375)
    assert forward["correlation_excess"] == 0.125
    assert (forward["choice_count"], forward["held_out_count"], forward["shown"]) == (50, 52, "pictures")
    assert (back["model_name"], back["unit_count"], back["matched_share"]) == ("RN101-quickgelu", 2, 1)
    assert back["best_matched_share"] == 0.5 and back["correlation_excess"] == pytest.approx(0.125 - 0.25)


def test_an_older_run_is_asked_of_all_runs(small_matches: Path) -> None:
    rows = warehouse.query(
        "select other_unit_name, is_best_match from all_runs.unit_matches where run_id = 30", warehouse=small_matches
    )
    assert rows.rows() == [("4/2/6/0", True)]
    shares = warehouse.query(
        "select matched_share from all_runs.layer_matches where run_id = 30 order by is_reverse",
        warehouse=small_matches,
    )
    assert shares["matched_share"].to_list() == [1, None]


def test_the_rows_are_sound(small_matches: Path) -> None:
    assert [found.check_name for found in check(small_matches) if found.failing_count] == []


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ("update match_partners set correlation = 1.5 where partner_rank = 2", "matches_sound"),
        ("update match_partners set other_unit_id = 2 where unit_id = 1 and not is_reverse", "matches_sound"),
        ("update match_partners set is_reverse = not is_reverse", "matches_sound"),
        ("update match_partners set choice_correlation = 0.9 where partner_rank = 2", "matches_sound"),
        ("update match_partners set partner_rank = 3 where partner_rank = 2", "matches_sound"),
        ("update match_partners set held_out_rank = 0 where partner_rank = 2", "matches_sound"),
        ("update match_nulls set null_correlation = 'nan'", "matches_sound"),
        ("delete from match_nulls where unit_id = 3", "matches_complete"),
        ("delete from match_nulls where is_reverse", "matches_complete"),
        ("delete from match_partners where unit_id = 2", "runs_counted"),
    ],
)
def test_what_is_wrong_is_found(change: str, failing: str, small_matches: Path) -> None:
    with duckdb.connect(str(small_matches)) as connection:
        connection.execute(change)
    assert failing in [found.check_name for found in check(small_matches) if found.failing_count]
