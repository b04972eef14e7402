"""One statement that reads: its parameters, its limits, and what it must not be able to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse
from clip_warehouse import main
from helpers.hostile_statements import HOSTILE
from warehouse.errors import (
    ClipWarehouseError,
    QueryError,
    QueryRefused,
    QueryTimeout,
    TooManyRows,
    WarehouseMissing,
)
from warehouse.reading import answering, fetch


@dataclass(frozen=True)
class Guarded:
    """A warehouse among other files, with a connection that stays open, so that a changed setting would be seen."""

    path: Path
    connection: duckdb.DuckDBPyConnection

    def state(self) -> tuple[bytes, list[str], list[tuple[str, str]]]:
        settings = self.connection.execute("select name, value from duckdb_settings() order by name").fetchall()
        return self.path.read_bytes(), sorted(entry.name for entry in self.path.parent.iterdir()), settings


@pytest.fixture(scope="module")
def guarded(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    pl.DataFrame({"run_id": [1]}).write_csv(folder / "rows.csv")
    pl.DataFrame({"run_id": [1]}).write_parquet(folder / "rows.parquet")
    with duckdb.connect(str(folder / "other.duckdb")) as connection:
        connection.execute("create table secret as select 42 as answer")
    path = folder / "warehouse.duckdb"
    path.write_bytes(filled.read_bytes())
    with warehouse.read(path) as connection:
        yield Guarded(path, connection)


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_hostile_statement_is_refused_and_changes_nothing(guarded: Guarded, sql: str) -> None:
    before = guarded.state()
    for ask in (warehouse.query, lambda sql, warehouse: fetch(sql, warehouse=warehouse, row_limit=10)):
        with pytest.raises(ClipWarehouseError) as caught:
            ask(sql.replace("DIR", str(guarded.path.parent)), warehouse=guarded.path)
        assert "\n" not in str(caught.value)
    assert guarded.state() == before


@pytest.mark.parametrize("sql", ["", ";", "-- nothing", "/* nothing */", "select 1; select 2"])
def test_one_statement_is_asked_for(small_warehouse: Path, sql: str) -> None:
    with pytest.raises(QueryRefused, match=r"write one statement, not [02]; for example: from run_details"):
        warehouse.query(sql, warehouse=small_warehouse)


@pytest.mark.parametrize(
    ("sql", "first_row"),
    [
        ("select 1 + 1", (2,)),
        ("select 1;", (1,)),
        ("select 1 -- and a comment", (1,)),
        ("values (1, 'x')", (1, "x")),
        ("from shown_runs order by run_id", (2, "words", "")),
        ("table shown_runs order by run_id", (2, "words", "")),
        ("with two as (select 2 as x) from two", (2,)),
        ("describe shown_runs", ("run_id", "INTEGER", "YES", None, None, None)),
        ("describe select 1 as x", ("x", "INTEGER", "YES", None, None, None)),
        ("from (show tables) order by name", ("activation_distribution",)),
        ("pivot (select 1 as a, 'x' as b, 2 as c) on b using sum(c)", (1, 2)),
        ("pivot runs on job_name using count(*) group by status order by status", ("complete", 1, 2)),
        ("from (unpivot (select 1 as a, 2 as b) on a, b) order by all", ("a", 1)),
        ("select list_transform([1, 2], lambda x: x + 1)", ([2, 3],)),
    ],
)
def test_whatever_reads_works(small_warehouse: Path, sql: str, first_row: tuple[object, ...]) -> None:
    assert warehouse.query(sql, warehouse=small_warehouse).row(0) == first_row
    assert fetch(sql, warehouse=small_warehouse, row_limit=10).rows[0] == first_row


@pytest.mark.parametrize("sql", ["explain from runs", "explain analyze from runs", "summarize runs"])
def test_a_plan_and_a_summary_can_be_asked_for(small_warehouse: Path, sql: str) -> None:
    assert len(warehouse.query(sql, warehouse=small_warehouse)) >= 1
    assert "run_id" in str(fetch(sql, warehouse=small_warehouse, row_limit=10).rows)


def test_parameters_are_values_never_sql(small_warehouse: Path) -> None:
    found = warehouse.query(
        "select $text as text, $number + 1 as number", warehouse=small_warehouse, text="'; drop table runs", number=2
    )
    assert found.row(0) == ("'; drop table runs", 3)


@pytest.mark.parametrize(("sql", "params"), [("select $a", {}), ("select 1", {"a": 1}), ("select $a", {"b": 1})])
def test_a_missing_or_a_spare_parameter_is_an_error(small_warehouse: Path, sql: str, params: dict[str, int]) -> None:
    with pytest.raises(QueryError):
        warehouse.query(sql, warehouse=small_warehouse, **params)


def test_at_most_row_limit_rows_come_back(small_warehouse: Path) -> None:
    found = warehouse.query("from range(10) as numbers(x) order by x desc", warehouse=small_warehouse, row_limit=3)
    assert found["x"].to_list() == [9, 8, 7]
    assert len(warehouse.query("from range(3)", warehouse=small_warehouse, row_limit=3)) == 3


def test_without_a_limit_all_rows_come_back_or_none(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of the first million would pass for the whole."""
    monkeypatch.setattr("warehouse.reading.ROW_LIMIT", 3)
    assert len(warehouse.query("from range(3)", warehouse=small_warehouse)) == 3
    with pytest.raises(TooManyRows, match=r"more than 3 rows.*row_limit=N.*export.*to_arrow_reader"):
        warehouse.query("from range(4)", warehouse=small_warehouse)
    assert len(warehouse.query("from range(4)", warehouse=small_warehouse, row_limit=10)) == 4


def test_more_rows_than_are_wanted_at_once_are_read_in_parts(small_warehouse: Path) -> None:
    with warehouse.read(small_warehouse) as connection:
        parts = [len(batch) for batch in connection.sql("from range(300000)").to_arrow_reader(100_000)]
    assert len(parts) > 1 and sum(parts) == 300_000


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "table"])
@pytest.mark.parametrize(("count", "is_cut"), [(2, False), (3, False), (4, True)])
def test_the_command_line_says_the_first_rows_only_when_there_are_more(
    small_warehouse: Path, form: str, count: int, is_cut: bool, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    sql = f"select x as number from range({count}) as numbers(x)"
    assert main(["query", sql, "--format", form, "--limit", "3", "--warehouse", str(small_warehouse)]) == 0
    printed = capfdbinary.readouterr()
    assert (b"the first 3 rows" in printed.err) == is_cut
    if form == "csv":
        assert printed.out.split() == [b"number", b"0", b"1", b"2"][: 1 + min(count, 3)]


def test_a_fragment_is_not_written_as_a_file(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("warehouse.reading.ROW_LIMIT", 3)
    assert main(["query", "from range(4)", "--format", "csv", "--warehouse", str(small_warehouse)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and "--limit N" in printed.err


@pytest.mark.parametrize(("count", "is_cut"), [(2, False), (3, False), (4, True)])
def test_fetch_says_whether_rows_were_left_out(small_warehouse: Path, count: int, is_cut: bool) -> None:
    answer = fetch(f"from range({count}) as numbers(x) order by x", warehouse=small_warehouse, row_limit=3)
    assert answer.columns == ["x"]
    assert answer.rows == [(x,) for x in range(min(count, 3))]
    assert answer.is_cut == is_cut


ENDLESS = "select count(*) from range(1000000000000) as a(x) where x % 7 = 3"


def test_a_query_is_stopped_at_its_time_limit(small_warehouse: Path) -> None:
    for ask in (warehouse.query, lambda sql, **limits: fetch(sql, row_limit=1, **limits)):
        with pytest.raises(QueryTimeout, match=r"stopped after 0\.05 s: narrow the query"):
            ask(ENDLESS, warehouse=small_warehouse, time_limit_s=0.05)


def test_a_connection_is_usable_after_a_timeout(small_warehouse: Path) -> None:
    with warehouse.read(small_warehouse) as connection:
        with pytest.raises(QueryTimeout), answering(connection, ENDLESS, 0.05) as statement:
            connection.execute(statement).fetchall()
        assert connection.execute("select count(*) from runs").fetchall() == [(4,)]


def test_the_time_limit_ends_with_its_query(small_warehouse: Path) -> None:
    with warehouse.read(small_warehouse) as connection:
        with answering(connection, "select 1", 0.05) as statement:
            assert connection.execute(statement).fetchall() == [(1,)]
        started = time.monotonic()
        while time.monotonic() - started < 0.15:  # always a query in the way of a late interrupt
            connection.execute("select count(*) from range(10000000) as a(x) where x % 7 = 3").fetchall()


def test_a_mistake_is_one_line_with_a_near_name(small_warehouse: Path) -> None:
    with pytest.raises(QueryError, match='Table with name word_top_unit does not exist! Did you mean "word_top_units"'):
        warehouse.query("from word_top_unit", warehouse=small_warehouse)


def test_a_type_that_polars_lacks_is_an_error_that_says_cast(small_warehouse: Path) -> None:
    duration = "select finished_at - started_at as duration from runs where run_id = 1"
    with pytest.raises(QueryError, match="interval or union: cast it"):
        warehouse.query(duration, warehouse=small_warehouse)
    found = warehouse.query(f"select duration::text from ({duration})", warehouse=small_warehouse)
    assert found.item() == "00:01:00"


def test_an_error_that_carries_a_traceback_shows_none_of_it(small_warehouse: Path) -> None:
    said = "Invalid Input Error: a module\nis missing\nTraceback (most recent call last):\n  File x, line 1\n"
    with (
        warehouse.read(small_warehouse) as connection,
        pytest.raises(QueryError, match=r"^Invalid Input Error: a module is missing$"),
        answering(connection, "select 1", 60),
    ):
        raise duckdb.InvalidInputException(said)


def test_the_warehouse_is_named_by_argument_then_environment(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIP_WAREHOUSE", str(small_warehouse.with_name("none.duckdb")))
    with pytest.raises(WarehouseMissing, match=r"none\.duckdb: make one with 'clip-warehouse demo"):
        warehouse.query("select 1")
    assert warehouse.query("select 1 as x", warehouse=str(small_warehouse)).item() == 1
    monkeypatch.setenv("CLIP_WAREHOUSE", str(small_warehouse))
    assert warehouse.query("select count(*) from models").item() == 1


def test_the_warehouse_is_by_default_the_one_in_this_folder(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIP_WAREHOUSE", raising=False)
    monkeypatch.chdir(small_warehouse.parent)
    assert warehouse.query("select count(*) from models").item() == 1


def test_read_gives_a_connection_that_cannot_write(small_warehouse: Path) -> None:
    with warehouse.read(small_warehouse) as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("delete from runs")


def test_a_python_variable_is_not_a_table(small_warehouse: Path) -> None:
    frame = pl.DataFrame({"x": [1]})
    with warehouse.read(small_warehouse) as connection, pytest.raises(duckdb.CatalogException, match="frame"):
        connection.execute("from frame")
    assert len(frame) == 1


def test_the_public_surface_is_query_and_read() -> None:
    assert warehouse.__all__ == ["query", "read"]
    with pytest.raises(AttributeError, match="no attribute 'write'"):
        warehouse.write  # noqa: B018
