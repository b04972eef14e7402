"""Every check of sql/checks passes on good rows and fails on each fault that it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from helpers.planted_faults import PLANTED
from warehouse.checking import check
from warehouse.errors import NotAWarehouse, WarehouseMissing
from warehouse.schema import SQL

ALL_FAULTS = [
    pytest.param(fixture, name, fault, id=f"{fixture}-{name}-{number}")
    for fixture, by_name in PLANTED
    for name, faults in by_name.items()
    for number, fault in enumerate(faults)
]


def failing(path: Path) -> dict[str, int]:
    return {result.check_name: result.failing_count for result in check(path) if result.failing_count}


@pytest.mark.parametrize("fixture", dict(PLANTED))
def test_good_rows_pass_every_check(fixture: str, request: pytest.FixtureRequest) -> None:
    assert failing(request.getfixturevalue(fixture)) == {}


def test_an_empty_warehouse_passes_every_check(empty_warehouse: Path) -> None:
    assert failing(empty_warehouse) == {}


def test_every_check_has_a_planted_fault() -> None:
    named = {name for _, by_name in PLANTED for name in by_name}
    assert sorted(named) == sorted(file.stem for file in (SQL / "checks").glob("*.sql"))


@pytest.fixture(scope="module")
def opened() -> Iterator[dict[str, duckdb.DuckDBPyConnection]]:
    """By fixture, open until the last test: opening a file takes longer than a check. Each fault is taken back."""
    connections: dict[str, duckdb.DuckDBPyConnection] = {}
    yield connections
    for connection in connections.values():
        connection.close()


@pytest.mark.parametrize(("fixture", "name", "fault"), ALL_FAULTS)
def test_a_planted_fault_is_found(
    fixture: str,
    name: str,
    fault: str,
    request: pytest.FixtureRequest,
    opened: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    if fixture not in opened:
        opened[fixture] = duckdb.connect(str(request.getfixturevalue(fixture)))
    connection = opened[fixture]
    connection.execute("begin")
    try:
        connection.execute(fault)
        assert connection.execute((SQL / "checks" / f"{name}.sql").read_text()).fetchone() is not None
    finally:
        connection.execute("rollback")


def test_a_result_has_the_question_and_the_first_failing_row(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("insert into run_stimuli values (2, 2)")
    (result,) = [result for result in check(small_warehouse) if result.failing_count]
    assert result.question == (
        "Is every stimulus of a run known and given once, and has it no activations if it has an error?"
    )
    assert result.first_failure == "run_id 2, stimulus_id 2, row_count 2, error_message None"


def test_a_mean_may_lie_a_rounding_above_its_maximum(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("update activations set activation_max = activation_mean - 0.00005 where run_id = 4")
    assert failing(small_warehouse) == {}


def test_a_picture_or_its_reason_is_a_sound_feature_visualization(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute(
            "insert into feature_visualizations by name select 2 as run_id, 1 as unit_id, 'optimised' as source, "
            "'channel' as objective, 'x'::blob as image, 'sha' as content_sha256 union all by name "
            "select 2 as run_id, 1 as unit_id, 'microscope' as source, 'channel' as objective, 'gone' as error_message"
        )
    assert "feature_visualizations_sound" not in failing(small_warehouse)


def test_norms_may_be_off_by_a_rounding(small_weights: Path) -> None:
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute(
            "update expanded_weights set weight_sum = weight_sum * 1.00001, weight_l2 = weight_l2 * 0.99999"
        )
    assert failing(small_weights) == {}


def test_a_file_that_is_not_a_warehouse_is_not_checked(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        check(tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("no database\n" * 100)
    with pytest.raises(NotAWarehouse):
        check(tmp_path / "text.duckdb")
