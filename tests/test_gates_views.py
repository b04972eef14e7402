"""Linear and gated weights of the same pairs in one file: no plain view holds both, each can be asked for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import warehouse
from test_claims_views import ask

GATED = """
insert into runs
select
    30,
    * exclude (run_id)
    replace ('gated' as part_name, 'run 30' as settings_sha256, '2024-04-01 10:01:00' as finished_at)
from runs where run_id = 2;
insert into layer_pairs select 30, * exclude (run_id) from layer_pairs where run_id = 2;
insert into expanded_weights
select 30, lower_unit_id, upper_unit_id, -weight_sum, weight_l1, weight_l2 from expanded_weights where run_id = 2;
"""
GATED_STATISTICS = """
insert into runs
select
    31,
    * exclude (run_id)
    replace ('gated' as part_name, 'run 31' as settings_sha256, '2024-04-01 10:02:00' as finished_at)
from runs where run_id = 5;
insert into contribution_statistics select 31, * exclude (run_id) from contribution_statistics where run_id = 5;
insert into layer_pair_statistics
select 31, * exclude (run_id) replace (-0.5 as magnitude_mean_rank_correlation)
from layer_pair_statistics where run_id = 5;
"""
OF_WEIGHTS = ("contributions", "backward_contributions", "forward_contributions")


@pytest.fixture
def both(small_weights: Path) -> Path:
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute(GATED)
    return small_weights


def gates(path: Path, view: str) -> list[tuple[int, str]]:
    return warehouse.query(f"select distinct run_id, gates from {view} order by all", warehouse=path).rows()


@pytest.mark.parametrize("view", OF_WEIGHTS)
def test_a_plain_view_holds_the_linear_weights_and_all_runs_both(both: Path, view: str) -> None:
    assert gates(both, view) == [(2, "linear")]
    assert gates(both, f"all_runs.{view}") == [(1, "linear"), (2, "linear"), (30, "pictures")]


@pytest.mark.parametrize("view", OF_WEIGHTS)
def test_gated_weights_are_shown_where_there_are_no_linear_ones(both: Path, view: str) -> None:
    with duckdb.connect(str(both)) as connection:
        connection.execute("update runs set status = 'running' where job_name = 'weights' and part_name = ''")
    assert gates(both, view) == [(30, "pictures")]


def test_linear_and_gated_weights_are_of_the_same_pairs(both: Path) -> None:
    found = warehouse.query(
        "select gates, weight_mean from all_runs.backward_contributions where run_id in (2, 30) "
        "and upper_unit = '4/2/5/0' and lower_unit = '3/5/1/0' order by gates",
        warehouse=both,
    )
    assert found.rows() == [("linear", 1), ("pictures", -1)]


def test_the_part_of_a_run_tells_its_gates(both: Path) -> None:
    assert warehouse.query("select gates_of('gated'), gates_of('')", warehouse=both).row(0) == ("pictures", "linear")
    shown = "select run_id, job_name, gates from shown_weight_runs order by all"
    assert warehouse.query(shown, warehouse=both).rows() == [(2, "weights", "linear"), (5, "contributions", "linear")]
    every = "select run_id, gates from all_runs.shown_weight_runs where job_name = 'weights' order by all"
    assert warehouse.query(every, warehouse=both).rows() == [(1, "linear"), (2, "linear"), (30, "pictures")]


def test_a_claim_on_contributors_has_its_gated_value_beside_it(both: Path) -> None:
    ask(both, "contributors by largest mean", "3/5/1/0", unit_name="4/2/5/0", layer_name="3/5/1")
    found = "select our_value, gated_value from finding_values where finding_name = 'asked'"
    linear, gated = warehouse.query(found, warehouse=both).row(0)
    assert {linear, gated} == {0, 1}, "the signs are turned round"
    ranks = "select gates, our_rank from finding_ranks where finding_name = 'asked' order by gates"
    assert [rank for _, rank in warehouse.query(ranks, warehouse=both).rows()] == [2 - linear, 2 - gated]
    assert warehouse.query("select our_value, gated_value from claims", warehouse=both).row(0) == (linear, gated)


def test_a_claim_on_structure_never_mixes_gates(both: Path) -> None:
    with duckdb.connect(str(both)) as connection:
        connection.execute(GATED_STATISTICS)
    ask(both, "magnitude mean correspondence")
    expected = "select median(magnitude_mean_rank_correlation) from layer_pair_statistics where run_id = 5"
    found = "select our_value, gated_value from finding_values where finding_name = 'asked'"
    assert warehouse.query(found, warehouse=both).row(0) == (warehouse.query(expected, warehouse=both).item(), -0.5)


@pytest.mark.parametrize("view", ["layer_pair_versatility", "magnitude_mean_correspondence"])
def test_statistics_of_layer_pairs_keep_the_gates_apart(both: Path, view: str) -> None:
    with duckdb.connect(str(both)) as connection:
        connection.execute(GATED_STATISTICS)
    assert gates(both, view) == [(5, "linear")]
    assert gates(both, f"all_runs.{view}") == [(4, "linear"), (5, "linear"), (31, "pictures")]


def test_statistics_in_plain_views_are_those_of_the_linear_weights(both: Path) -> None:
    assert warehouse.query("from shown_statistics_runs", warehouse=both).rows() == [(5, True)]
    every = "select run_id, is_kept from all_runs.shown_statistics_runs order by run_id"
    assert warehouse.query(every, warehouse=both).rows() == [(4, True), (5, True), (30, False)]
    of_one_unit = "select run_id from unit_contribution_statistics('3/5/1/0', '3/5/5')"
    assert warehouse.query(of_one_unit, warehouse=both).rows() == [(2,)]


def test_gated_weights_have_statistics_of_their_own(both: Path) -> None:
    found = warehouse.query(
        "select run_id, positive_mean, -negative_mean, absolute_mean from computed_contribution_statistics "
        "where run_id in (2, 30) and direction = 'forward' and unit_id = 1 and other_layer = '3/5/5' order by run_id",
        warehouse=both,
    ).rows()
    (linear, positive, negative, absolute), gated = found
    assert (linear, gated) == (2, (30, negative, positive, absolute))


def test_gated_statistics_are_shown_where_there_are_no_linear_ones(both: Path) -> None:
    with duckdb.connect(str(both)) as connection:
        connection.execute("update runs set status = 'running' where part_name = ''")
    assert warehouse.query("from shown_statistics_runs", warehouse=both).rows() == [(30, False)]
    assert warehouse.query("select distinct run_id from unit_versatility", warehouse=both).rows() == [(30,)]


@pytest.mark.parametrize("view", ["unit_bimodality", "unit_versatility", "contribution_shape", "bimodality_shift"])
def test_statistics_of_units_name_their_gates(both: Path, view: str) -> None:
    assert {kind for _, kind in gates(both, view)} == {"linear"}
    assert {kind for _, kind in gates(both, f"all_runs.{view}")} == {"linear", "pictures"}
