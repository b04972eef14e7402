"""Building the schema from the files of sql/: tables once, views and macros again whenever their text changes."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from warehouse import prebuilt
from warehouse.connection import WRITER_PATIENCE_S, open_writer, transaction, writers_turn
from warehouse.errors import NotAWarehouse, SchemaMismatch, WarehouseError, WarehouseMissing
from warehouse.migrations import found_version, migrate

SCHEMA_VERSION = 2  # the last number in sql/migrations/
SQL = Path(__file__).parent.parent / "sql"
ALL_RUNS = "all_runs"
_WORD, _NOT_NAMES = re.compile(r"\w+"), re.compile(r"--.*|'[^']*'")
_OF_THE_PROGRAM = {"published_shares": "where run_id is null"}  # its other rows belong to runs


def create_or_update(path: Path, patience_s: float = WRITER_PATIENCE_S) -> list[str]:
    """Create the warehouse, or upgrade its tables and views to those of sql/; the migrations that were applied.

    A new file is built beside its place and renamed into it: a killed process leaves all of it or nothing.
    Raises NotAWarehouse for a file of another kind, SchemaMismatch for one of a newer version.
    """
    if _created(path, patience_s):
        return []
    with open_writer(path, patience_s) as connection:
        return _updated(connection, path)


def update(path: Path, patience_s: float = WRITER_PATIENCE_S) -> list[str]:
    """The same for a file that must exist. Raises WarehouseMissing too."""
    if not path.exists():
        raise WarehouseMissing(path)
    return create_or_update(path, patience_s)


@contextmanager
def open_updated(
    path: Path, patience_s: float = WRITER_PATIENCE_S, *, creating: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of open_writer, after what update does, or create_or_update (creating): the file is opened once.

    Raises what these do.
    """
    if not creating and not path.exists():
        raise WarehouseMissing(path)
    _created(path, patience_s)
    with open_writer(path, patience_s) as connection:
        _updated(connection, path)
        yield connection


def require_schema(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises NotAWarehouse or SchemaMismatch unless the open file is a warehouse of this version."""
    version = found_version(connection, path)
    if version != SCHEMA_VERSION:
        raise SchemaMismatch(path, version, SCHEMA_VERSION)


def has_our_views(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open file's tables and views were last built from the same text of sql/."""
    return connection.execute("select sql_sha256 from warehouse_info").fetchall() == [(sql_sha256(),)]


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Create missing tables, refill those of sql/findings/ and sql/published/, and replace every view and macro.

    One transaction: a build that is cut short leaves the file as it was.
    """
    with transaction(connection):
        connection.execute(f"create schema if not exists {ALL_RUNS}")
        for file in sorted((SQL / "tables").glob("*.sql")):
            _create_relation(connection, file)
        _fill(connection, _data_files())
        create_views(connection)
        _record(connection)


def create_views(connection: duckdb.DuckDBPyConnection) -> str:
    """Replace every view and macro; all statements as one text, in the order in which they were run."""
    views = _in_order(sorted((SQL / "views").glob("*.sql")))
    own = {file.name: file for file in (SQL / "views" / ALL_RUNS).glob("*.sql")}
    of_all_runs = [own.get(file.name, file) for file in views if not _is_macro(file)]
    texts = []
    for path, files in (("main", views), (f"{ALL_RUNS},main", of_all_runs)):
        search = f"set search_path = '{path}';\n"
        connection.execute(search)
        texts += [search, *(_create_relation(connection, file) for file in files)]
    connection.execute("set search_path = 'main'")
    return "\n".join([*texts, "set search_path = 'main';\n"])


def statement(name: str) -> str:
    """A file of sql/ by its folder and name, like changes/drop_run: its text without the last semicolon."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")


def sql_sha256() -> str:
    """SHA-256 over the text of every table, findings and view file, by name."""
    digest = hashlib.sha256()
    for file in [*sorted((SQL / "tables").glob("*.sql")), *_data_files(), *sorted((SQL / "views").rglob("*.sql"))]:
        digest.update(f"{file.relative_to(SQL)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def utc_now() -> datetime:
    """Now in UTC, without a time zone: DuckDB's own zones need an extension."""
    return datetime.now(UTC).replace(tzinfo=None)


def _created(path: Path, patience_s: float) -> bool:
    """Create the warehouse if there is no file; whether there was none."""
    if path.is_dir():
        raise NotAWarehouse(path, "a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with writers_turn(path, patience_s):
        if path.exists():
            return False
        _create(path)
    return True


def _updated(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Upgrade the open file's tables and views; the migrations that were applied."""
    version = found_version(connection, path)
    if version > SCHEMA_VERSION:
        raise SchemaMismatch(path, version, SCHEMA_VERSION)
    applied = migrate(connection, SQL, version, utc_now) if version < SCHEMA_VERSION else []
    if applied or not has_our_views(connection):
        build(connection)
    return applied


def _create(path: Path) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    build_sha256 = _build_sha256()
    is_copy = prebuilt.copied(build_sha256, new)
    with open_writer(new) as connection:
        if is_copy:
            connection.execute(
                "update warehouse_info set warehouse_id = $warehouse_id, created_at = $created_at",
                {"warehouse_id": str(uuid.uuid4()), "created_at": utc_now()},
            )
        else:
            build(connection)
        connection.execute("checkpoint")  # closing would do it too, but silently when the disk is full
    if not is_copy:
        prebuilt.keep(build_sha256, new)
    new.with_name(f"{new.name}.lock").unlink(missing_ok=True)
    new.rename(path)


def _build_sha256() -> str:
    """SHA-256 over everything that decides what an empty warehouse is."""
    versions = f"{duckdb.__version__} {SCHEMA_VERSION} {sql_sha256()}\n"
    return hashlib.sha256(versions.encode() + Path(__file__).read_bytes()).hexdigest()


def _create_relation(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Run a file of sql/; its text."""
    text = file.read_text(encoding="utf-8")
    try:
        connection.execute(text)
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException) as error:
        raise WarehouseError(f"sql/{file.relative_to(SQL)} cannot be created: {_one_line(error)}") from error
    return text


def _in_order(files: list[Path]) -> list[Path]:
    """Each file after those whose names stand in its statements."""
    named = {file.stem: file for file in files}
    mentioned = {
        name: sorted(set(_WORD.findall(_NOT_NAMES.sub("", file.read_text(encoding="utf-8")))) & named.keys() - {name})
        for name, file in named.items()
    }
    return [named[name] for name in TopologicalSorter(mentioned).static_order()]


def _data_files() -> list[Path]:
    """Data that belongs to the program: claims of the article, and what is published about real units."""
    return [*sorted((SQL / "findings").glob("*.csv")), *sorted((SQL / "published").glob("*.csv"))]


def _fill(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """Replace the rows of the table that each file is named after; like the views, they belong to the program."""
    for file in files:
        connection.execute(f'delete from "{file.stem}" {_OF_THE_PROGRAM.get(file.stem, "")}')
        connection.execute(
            f'insert into "{file.stem}" by name from read_csv($file, header = true, all_varchar = true)',
            {"file": str(file)},
        )


def _is_macro(file: Path) -> bool:
    """A macro looks names up where it is called, not where it is defined: all_runs needs no second one."""
    return "create or replace macro" in file.read_text(encoding="utf-8")


def _record(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into warehouse_info select $warehouse_id, $schema_version, '', $created_at "
        "where not exists (from warehouse_info)",
        {"warehouse_id": str(uuid.uuid4()), "schema_version": SCHEMA_VERSION, "created_at": utc_now()},
    )
    connection.execute("update warehouse_info set sql_sha256 = $sql_sha256", {"sql_sha256": sql_sha256()})


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
