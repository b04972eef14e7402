"""Reading the warehouse: one statement, read-only, locked down, with a row cap and a time limit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.connection import READER_PATIENCE_S, open_reader, warehouse_path
from warehouse.errors import QueryError, QueryRefused, QueryTimeout, TooManyRows, UsageError
from warehouse.schema import has_our_views, require_schema

if TYPE_CHECKING:
    import polars as pl

TIME_LIMIT_S = 60.0
ROW_LIMIT = 1_000_000  # of a query that gives none
MOST_ROWS = 1 << 62
_AGAIN_S = 0.05
GRACE_S = 2.0  # a statement still running so long after its limit ignores the interrupt
_Say = Callable[[QueryTimeout], None]
_end: ContextVar[_Say | None] = ContextVar("end", default=None)
# A pivot is parsed as several statements in one; all of them read.
_READING = {
    duckdb.StatementType.SELECT,
    duckdb.StatementType.EXPLAIN,
    duckdb.StatementType.MULTI,
}


def query(
    sql: str,
    /,
    *,
    warehouse: str | os.PathLike[str] | None = None,
    row_limit: int | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    patience_s: float = READER_PATIENCE_S,
    **params: Any,
) -> pl.DataFrame:
    """The rows of one reading statement; `$name` in it takes the keyword argument `name`.

    warehouse: path; else CLIP_WAREHOUSE, else warehouse.duckdb. `row_limit` returns that many rows at most; without it
    all rows are returned, and TooManyRows is raised for more than a million. While another process writes the file,
    this waits up to `patience_s` seconds.
    Raises WarehouseMissing, NotAWarehouse, SchemaMismatch, WarehouseBusy, QueryRefused, QueryTimeout, QueryError.
    """
    with read(warehouse, patience_s=patience_s) as connection:
        return query_on(connection, sql, row_limit=row_limit, time_limit_s=time_limit_s, **params)


def query_on(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    /,
    *,
    row_limit: int | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    **params: Any,
) -> pl.DataFrame:
    """The same over a connection from `read`, for several queries in a row."""
    most = ROW_LIMIT + 1 if row_limit is None else row_limit
    _require_rows(most)
    with answering(connection, sql, time_limit_s) as statement:
        rows = _frame(connection.sql(statement, params=params or None).limit(most))
    if row_limit is None and len(rows) > ROW_LIMIT:
        raise TooManyRows(ROW_LIMIT)
    return rows


def read(
    warehouse: str | os.PathLike[str] | None = None, *, patience_s: float = READER_PATIENCE_S
) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB connection. Close it soon: no ingest can load while it is open.

    It cannot reach other files, extensions or settings: DuckDB allows one process one configuration of a file, and ours
    is locked down. For more, use duckdb.connect(path, read_only=True) in another process. For more rows than memory:
    `with read() as connection: for batch in connection.sql("from activations").to_arrow_reader(): ...`.
    """
    path = warehouse_path(warehouse)
    connection = open_reader(path, patience_s)
    try:
        require_schema(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def answering(connection: duckdb.DuckDBPyConnection, sql: str, time_limit_s: float) -> Iterator[str]:
    """Check that `sql` is one reading statement, then stop whatever runs inside the block at the time limit.

    DuckDB's errors come out as QueryError, QueryRefused or QueryTimeout; UsageError for a limit out of range.
    """
    if not 0 < time_limit_s <= threading.TIMEOUT_MAX:
        raise UsageError(f"a time limit of {time_limit_s:g} s: take more than 0, and a finite number of seconds")
    finished = threading.Event()
    watchdog = threading.Thread(target=_stop, args=(connection, time_limit_s, finished, _end.get()), daemon=True)
    try:
        statement = _reading_statement(connection, sql)
        watchdog.start()
        yield statement
    except duckdb.InterruptException as error:
        raise QueryTimeout(time_limit_s) from error
    except duckdb.PermissionException as error:
        raise QueryRefused(f"{_summary(error)}: queries read the warehouse and nothing else") from error
    except duckdb.OutOfMemoryException as error:
        raise QueryError("the query needs more memory than it may have: narrow it to one unit or one layer") from error
    except duckdb.CatalogException as error:
        renew = "" if has_our_views(connection) else "; its views are another version's: clip-warehouse migrate"
        raise QueryError(f"{_summary(error)}{renew}") from error
    except duckdb.Error as error:
        raise QueryError(_summary(error)) from error
    finally:
        finished.set()
        if watchdog.ident is not None:
            watchdog.join()  # else it might interrupt the connection's next query


@contextmanager
def ending_process(say: _Say) -> Iterator[None]:
    """Inside the block, a statement that ignores its interrupt ends this process, after calling `say`.

    One call of one scalar function, such as levenshtein of two long texts, cannot be stopped in any other way. For
    processes that run one query only.
    """
    token = _end.set(say)
    try:
        yield
    finally:
        _end.reset(token)


def _stop(
    connection: duckdb.DuckDBPyConnection, time_limit_s: float, finished: threading.Event, end: _Say | None
) -> None:
    """Interrupt until it works: DuckDB forgets an interrupt that comes between two steps of a result."""
    is_finished = finished.wait(time_limit_s)
    given_up_at = time.monotonic() + GRACE_S
    while not is_finished:
        connection.interrupt()
        is_finished = finished.wait(_AGAIN_S)
        if end is not None and not is_finished and time.monotonic() > given_up_at:
            end(error := QueryTimeout(time_limit_s))
            os._exit(error.exit_code)


def _frame(rows: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    from polars.exceptions import PolarsError

    try:
        frame: pl.DataFrame = rows.pl()
    except PolarsError as error:
        raise QueryError(
            f"a column has a type that Polars lacks, such as interval or union: cast it ({error})"
        ) from error
    return frame


def _require_rows(row_limit: int) -> None:
    if not 0 < row_limit <= MOST_ROWS:
        raise UsageError(f"a limit of {row_limit} rows: take 1 to {MOST_ROWS:,}")


def _reading_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in sql):
        raise QueryRefused("the statement is not text: it holds half a character, which UTF-8 cannot write")
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryRefused(f"write one statement, not {len(statements)}; for example: from run_details")
    kind = _kind(statements[0])
    if kind not in _READING:
        named = kind.name if kind else "this"
        raise QueryRefused(f"{named} is not allowed: a query may only read (select, from, describe, explain)")
    return statements[0].query


def _kind(statement: duckdb.Statement) -> duckdb.StatementType | None:
    try:
        return statement.type
    except ValueError:  # a kind that the Python package has no name for, such as update extensions
        return None


def _summary(error: duckdb.Error) -> str:
    """The first paragraph of DuckDB's message, on one line: no picture of the place, no traceback."""
    lines = [line.strip() for line in str(error).splitlines()]
    return " ".join(takewhile(lambda line: line and not line.startswith("Traceback"), lines))


@dataclass(frozen=True)
class Answer:
    """Column names, at most the asked-for number of rows, and whether there were more."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    is_cut: bool


def fetch(
    sql: str,
    /,
    *,
    warehouse: str | os.PathLike[str] | None = None,
    row_limit: int,
    time_limit_s: float = TIME_LIMIT_S,
    **params: Any,
) -> Answer:
    """The first rows of one reading statement, without importing Polars. Raises what `query` raises."""
    _require_rows(row_limit)
    with read(warehouse) as connection, answering(connection, sql, time_limit_s) as statement:
        result = connection.execute(statement, params or None)
        rows = result.fetchmany(row_limit + 1)
        columns = [column[0] for column in result.description or ()]
        connection.interrupt()  # closing would wait for the rest of the answer, which may be endless
    return Answer(columns, rows[:row_limit], len(rows) > row_limit)
