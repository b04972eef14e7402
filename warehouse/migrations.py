"""Upgrading the tables of an earlier version: the numbered files of sql/migrations/, each applied once.

The number that a file begins with is the schema version that it leads to. All migrations that are due, their rows in
`migrations` and the new version are one transaction: a killed process leaves the file as it was. A new table or view
needs no migration: `build` creates it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.connection import transaction
from warehouse.errors import NotAWarehouse, WarehouseError

BEFORE_PARTS = 0  # tables without runs.part_name; such files say schema 1, as the next version's do


def found_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The schema version of the open file, by what it says and by the columns that it has. Raises NotAWarehouse."""
    try:
        said = connection.execute("select schema_version from warehouse_info").fetchall()
        is_before_parts = said == [(1,)] and "part_name" not in _columns(connection, "runs")
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise NotAWarehouse(path, "a DuckDB database without our tables") from error
    if not said:
        raise NotAWarehouse(path, "its warehouse_info is empty")
    return BEFORE_PARTS if is_before_parts else said[0][0]


def due(folder: Path, version: int) -> list[tuple[int, Path]]:
    """The migrations after a version, by number."""
    numbered = sorted((int(file.stem.partition("_")[0]), file) for file in folder.glob("*.sql"))
    return [(number, file) for number, file in numbered if number > version]


def migrate(connection: duckdb.DuckDBPyConnection, sql: Path, version: int, now: Callable[[], datetime]) -> list[str]:
    """Apply the migrations that are due to a file of that version, in one transaction; their names.

    Raises WarehouseError for a migration that does not fit the file, and leaves the file as it was.
    """
    applied = []
    with transaction(connection):
        connection.execute((sql / "tables" / "migrations.sql").read_text(encoding="utf-8"))
        for number, file in due(sql / "migrations", version):
            _apply(connection, number, file, now())
            applied.append(file.stem)
    return applied


def _apply(connection: duckdb.DuckDBPyConnection, number: int, file: Path, applied_at: datetime) -> None:
    try:
        connection.execute(file.read_text(encoding="utf-8"))
    except (duckdb.ProgrammingError, duckdb.IntegrityError, duckdb.DataError) as error:
        reason = " ".join(str(error).split())
        raise WarehouseError(
            f"sql/migrations/{file.name} does not fit this file ({reason}): it is left as it is; ingest into a new file"
        ) from error
    connection.execute(
        "insert or replace into migrations values ($number, $name, $applied_at)",
        {"number": number, "name": file.name, "applied_at": applied_at},
    )
    connection.execute("update warehouse_info set schema_version = $number", {"number": number})


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {row[0] for row in connection.execute(f'describe "{table}"').fetchall()}
