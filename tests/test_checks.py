"""Every check of sql/checks passes on good rows and fails on each fault that it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.checking import check
from warehouse.errors import NotAWarehouse, WarehouseMissing
from warehouse.schema import SQL

FAULTS = {
    "activations_complete": [
        "delete from activations where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "delete from activations where run_id = 2 and stimulus_id = 2",
        "delete from activations where run_id = 2 and unit_id = 1",  # a whole layer
    ],
    "activations_finite": [
        "update activations set activation_mean = 'nan' where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "update activations set activation_max = 'inf' where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "update activations set activation_mean = 15.1 where run_id = 2 and stimulus_id = 2 and unit_id = 3",
    ],
    "activations_known": [
        "insert into activations values (9, 2, 1, 0, 0)",
        "insert into activations values (2, 6, 1, 0, 0)",
        "insert into activations values (2, 2, 99, 0, 0)",
        "insert into layers select 9, 2, * exclude (layer_id, model_id) from layers where layer_id = 1;"
        "insert into units values (9, 9, 0, '4/1/5/0', 1, 0); insert into activations values (2, 2, 9, 0, 0)",
    ],
    "activations_unique": ["insert into activations from activations where run_id = 2 and unit_id = 3 limit 1"],
    "baselines_complete": [
        "delete from baseline_activations where run_id = 2 and unit_id = 3",
        "insert into baseline_activations values (2, 99, 0)",
        "update baseline_activations set baseline_activation_mean = 6.1 where run_id = 2 and unit_id = 3",
        "update baseline_activations set baseline_activation_mean = 4.1 where run_id = 1 and unit_id = 2",
    ],
    "runs_counted": [
        "update runs set row_count = 13 where run_id = 2",
        "update shards set row_count = 7 where run_id = 2 and shard_index = 0",
        "delete from activations where run_id = 4",
        "update runs set status = 'complete' where run_id = 3",
        "update runs set status = 'running' where run_id = 2",
        "delete from shards where run_id = 2 and shard_index = 1; update runs set row_count = 6 where run_id = 2",
    ],
    "stimuli_accounted": [
        "insert into run_stimuli values (2, 2)",
        "insert into run_stimuli values (2, 99)",
        "insert into activations values (2, 5, 1, 0, 0)",
    ],
    "units_complete": [
        "delete from units where unit_id = 3",
        "update units set channel_index = 0 where unit_id = 3",
        "update units set unit_id = 9 where unit_id = 3",
        "delete from units where layer_id = 1",
    ],
}


def failing(path: Path) -> dict[str, int]:
    return {result.check_name: result.failing_count for result in check(path) if result.failing_count}


def test_good_rows_pass_every_check(small_warehouse: Path) -> None:
    assert failing(small_warehouse) == {}


def test_an_empty_warehouse_passes_every_check(empty_warehouse: Path) -> None:
    assert failing(empty_warehouse) == {}


def test_every_check_has_a_planted_fault() -> None:
    assert sorted(FAULTS) == sorted(file.stem for file in (SQL / "checks").glob("*.sql"))


@pytest.fixture(scope="module")
def connection(filled: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{filled}' as good (read_only); copy from database good to memory")
        yield connection


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, faults in FAULTS.items() for fault in faults],
    ids=[f"{name}-{number}" for name, faults in FAULTS.items() for number in range(len(faults))],
)
def test_a_planted_fault_is_found(connection: duckdb.DuckDBPyConnection, name: str, fault: str) -> None:
    check_sql = (SQL / "checks" / f"{name}.sql").read_text()
    connection.execute("begin")
    try:
        connection.execute(fault)
        assert connection.execute(check_sql).fetchall()
    finally:
        connection.execute("rollback")


def test_a_result_has_the_question_and_the_first_failing_row(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("insert into run_stimuli values (2, 2)")
    (result,) = [result for result in check(small_warehouse) if result.failing_count]
    assert result.question == (
        "Is every stimulus that a run was given known, given once, and without activations if it has an error?"
    )
    assert result.first_failure == "run_id 2, stimulus_id 2, row_count 2, error_message None"


def test_a_mean_may_lie_a_rounding_above_its_maximum(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("update activations set activation_max = activation_mean - 0.00005 where run_id = 4")
    assert failing(small_warehouse) == {}


def test_what_is_no_warehouse_is_not_checked(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        check(tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("no database\n" * 100)
    with pytest.raises(NotAWarehouse):
        check(tmp_path / "text.duckdb")
