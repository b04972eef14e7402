"""Merging another warehouse into this one: its rows get ids of this file, in one transaction.

Identity decides, as everywhere: models by their weights, layers by address, units by channel, stimuli by kind and
content, runs by their settings. What is here already stays as it is, so that a second merge changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import READER_PATIENCE_S, WRITER_PATIENCE_S, open_reader, transaction
from warehouse.errors import CannotMerge, UsageError
from warehouse.schema import open_updated, require_schema, statement
from warehouse.sql_text import quoted_path

_OTHER = "joined_from"  # what the queries of sql/joins/ call the other warehouse
_KINDS = ("model", "layer", "unit", "stimulus", "run")  # in an order in which each needs only those before it
_DIMENSIONS = {"models": "model_id", "layers": "layer_id", "units": "unit_id", "stimuli": "stimulus_id"}
_OF_ITS_OWN = (  # every file has its own: not copied
    "findings",
    "published_features",
    "published_rankings",
    "published_unit_names",
    "published_unit_words",
    "run_choices",
    "warehouse_info",
)

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Merged:
    """What a merge added, and how many runs of the other file it left out, by reason."""

    model_count: int
    stimulus_count: int
    run_count: int
    row_count: int
    known_count: int
    unfinished_here_count: int
    unfinished_there_count: int


def merge(path: Path, other: Path, advance: Advance, patience_s: float = WRITER_PATIENCE_S) -> Merged:
    """Copy models, stimuli and complete runs of `other` into the warehouse at `path`, which is created if missing.

    One transaction: a merge that is stopped changes nothing. `other` is only read. `advance` is called with the number
    of rows of `other` that are dealt with. Raises WarehouseMissing, NotAWarehouse, SchemaMismatch, WarehouseBusy (for
    either file), StorageFull, CannotMerge, and UsageError when both paths are one file.
    """
    if path.exists() and other.exists() and path.samefile(other):
        raise UsageError(f"{other} is the warehouse itself: name another one to merge into it")
    with open_reader(other, READER_PATIENCE_S, locked_down=False) as theirs:  # held open: nobody writes it meanwhile
        require_schema(theirs, other)
        writing = open_updated(path, patience_s, creating=True)
        with writing as connection, _attached(connection, other), transaction(connection):
            return _merge(connection, other, advance)


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, other: Path) -> Iterator[None]:
    connection.execute(f"attach {quoted_path(other.resolve())} as {_OTHER} (read_only)")
    yield


def _merge(connection: duckdb.DuckDBPyConnection, other: Path, advance: Advance) -> Merged:
    left_out = connection.execute(statement("joins/runs_left_out")).fetchone() or (0, 0, 0)
    for kind in _KINDS:
        connection.execute(f"create or replace temp table {kind}_ids as {statement(f'joins/{kind}_ids')}")
    counts = {}
    try:
        for table in _tables(connection):
            counts[table] = _copy(connection, table)
            advance(_row_count(connection, table))
        advance(sum(_row_count(connection, table) for table in _OF_ITS_OWN))
    except (duckdb.ConstraintException, duckdb.BinderException) as error:
        raise CannotMerge(other, str(error).splitlines()[0]) from error
    return Merged(counts["models"], counts["stimuli"], counts["runs"], sum(counts.values()), *left_out)


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables that both files have and that do not belong to the program, those with ids first."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main' and database_name in ($other, "
        "current_database()) group by table_name having count(*) = 2 order by table_name",
        {"other": _OTHER},
    ).fetchall()
    return sorted((row[0] for row in rows if row[0] not in _OF_ITS_OWN), key=lambda name: name not in _DIMENSIONS)


def _copy(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Insert the new rows of one of the other's tables, with ids of this warehouse; how many.

    Rows of a new run, and new rows of a dimension, are added. A row that describes a stimulus is added only if this
    file has none for it.
    """
    columns = _columns(connection, table)
    rows = _rows_with_ids(table, columns)
    known = "insert"
    if key := _DIMENSIONS.get(table) or ("run_id" if "run_id" in columns else None):
        rows += f" where {key}_map.is_new"
    elif table == "labels":
        rows = f"select theirs.* from ({rows}) as theirs anti join labels using (unit_id, stimulus_id, label_name)"
    else:
        known = "insert or ignore"
    inserted = connection.execute(f"{known} into {table} by name {rows}").fetchone()
    return inserted[0] if inserted else 0


def _rows_with_ids(table: str, columns: list[str]) -> str:
    """A query for the other's rows, each column *_id replaced by the id that the map of its kind gives."""
    kinds = {column: kind for column in columns for kind in _KINDS if column.endswith(f"{kind}_id")}
    values = ", ".join(f"{column}_map.id as {column}" if column in kinds else f"theirs.{column}" for column in columns)
    joins = " ".join(
        f"left join {kind}_ids as {column}_map on theirs.{column} = {column}_map.other_id"
        for column, kind in kinds.items()
    )
    return f"select {values} from {_OTHER}.{table} as theirs {joins}"


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [column[0] for column in connection.execute(f"from {_OTHER}.{table} limit 0").description or ()]


def _row_count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {_OTHER}.{table}").fetchone()
    return row[0] if row else 0
