"""A warehouse as a lake: a folder of Parquet files for many machines, and one SQL file with the views over them.

lake/models.parquet                      a small table, one file
lake/activations/run_id=3/part-0.parquet a large fact: a folder a run (Hive style), sorted inside for unit look-ups
lake/views.sql                           the tables as views of these files, then every view and macro
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.connection import open_reader
from warehouse.errors import CannotWrite, UsageError
from warehouse.fsync import rename_synced
from warehouse.schema import ALL_RUNS, SQL, create_views, require_schema
from warehouse.sql_text import quoted_path

VIEWS_FILE = "views.sql"
# Large facts: how the rows of a file are ordered. Files are cut by the first of the columns named *unit_id; an upper
# unit's contributors lie in one file, by lower unit, so that both look-ups reach few row groups.
SORTED_BY = {
    "activation_histograms": ("unit_id", "unit_id, bucket_index"),
    "activation_sketches": ("unit_id", "unit_id"),
    "activations": ("unit_id", "unit_id, stimulus_id"),
    "baseline_activations": ("unit_id", "unit_id"),
    "contribution_statistics": ("unit_id", "unit_id, direction, other_layer_id"),
    "expanded_weight_kernels": ("upper_unit_id", "lower_unit_id, upper_unit_id"),
    "expanded_weights": ("upper_unit_id", "lower_unit_id, upper_unit_id"),
    "feature_visualizations": ("unit_id", "unit_id"),
    "residual_shares": ("unit_id", "unit_id, definition, image_source"),
    "top_examples": ("unit_id", "unit_id, example_rank"),
}
ROWS_PER_FILE = 8_000_000  # about 100 MB: bounds the memory of a sort, and is what engines like to read
_NO_RUN = 0  # the folder of a fact without rows: a file with columns is there all the same
_OPTIONS = "format parquet, compression zstd"
_HEADER = """\
-- The CLIP circuits warehouse over Parquet files: its tables as views of the files beside, then its views and macros.
-- Made by clip-warehouse export --lake for DuckDB 2.0 or newer; nothing but read_parquet is needed.
-- Paths are relative to this folder. Open it there:            duckdb -init views.sql
-- from elsewhere, set the base path first:                     set file_search_path = '/path/to/lake';
-- or write the base into the paths (a bucket, with httpfs):    sed "s#read_parquet('#&s3://bucket/lake/#" views.sql
"""

Advance = Callable[[int], None]


def export_lake(warehouse: Path, target: Path, advance: Advance) -> int:
    """Write every table below `target` and the views over them; the number of rows.

    `advance` is called with the number of rows of each file that is written.

    The folder is written beside its place, synced, and renamed into it: an export that is cut short, by a kill or a
    power cut, leaves nothing at `target`.
    Raises UsageError for a target that is not a new or empty folder, CannotWrite, and what open_reader raises.
    """
    target = target.resolve()
    _require_new(target)
    with open_reader(warehouse, locked_down=False) as connection:
        require_schema(connection, warehouse)
        try:
            with _beside(target) as folder:
                tables = _tables(connection)
                count = sum(_write(connection, table, folder, advance) for table in tables)
                _write_views(connection, tables, folder)
                rename_synced(folder, target)
        except (duckdb.Error, OSError) as error:
            raise CannotWrite(target, error) from error
    return count


def stored_rows(warehouse: Path) -> int:
    """Rows of all tables, for a progress bar; counted one by one, as DuckDB's catalog includes deleted rows."""
    with open_reader(warehouse, locked_down=False) as connection:
        require_schema(connection, warehouse)
        tables = connection.execute("select table_name from duckdb_tables() where not internal").fetchall()
        counts = [connection.execute(f"select count(*) from {name}").fetchone() for (name,) in tables]
        return sum(count[0] for count in counts if count)


def _require_new(target: Path) -> None:
    if target.is_file():
        raise UsageError(f"{target} is a file: name a new folder")
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty: name a new folder, or remove it first")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty folder, to be renamed to `target` and removed if that never happens; one process at a time."""
    folder = target.with_name(f".{target.name}.unfinished")
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _empty(folder)  # of an export that was killed
        yield folder
    except BlockingIOError as error:
        raise UsageError(f"another export is writing {target}: wait for it, or name another folder") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [file.stem for file in sorted((SQL / "tables").glob("*.sql")) if _columns(connection, file.stem)]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where table_name = $table and schema_name = 'main' "
        "order by column_index",
        {"table": table},
    ).fetchall()
    return [row[0] for row in rows]


def _write(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, advance: Advance) -> int:
    if table not in SORTED_BY:
        count = _copy(connection, f"from {table}", folder / f"{table}.parquet")
        advance(count)
        return count
    unit, order = SORTED_BY[table]
    total = 0
    for run_id, part, first, last in _parts(connection, table, unit):
        rows = (
            f"select * exclude (run_id) from {table} where run_id = {run_id} "
            f"and {unit} between {first} and {last} order by {order}"
        )
        count = _copy(connection, rows, folder / table / f"run_id={run_id}" / f"part-{part}.parquet")
        advance(count)
        total += count
    return total


def _parts(connection: duckdb.DuckDBPyConnection, table: str, unit: str) -> list[tuple[int, int, int, int]]:
    """Run, part, first and last unit of each file: whole units, and about ROWS_PER_FILE rows."""
    counts = connection.execute(
        f"select run_id, {unit}, count(*) from {table} group by run_id, {unit} order by run_id, {unit}"
    ).fetchall()
    parts: list[tuple[int, int, int, int]] = []
    rows_in_part = 0
    for run_id, unit_id, count in counts:
        if parts and parts[-1][0] == run_id and rows_in_part + count <= ROWS_PER_FILE:
            parts[-1] = (*parts[-1][:3], unit_id)
            rows_in_part += count
        else:
            part = parts[-1][1] + 1 if parts and parts[-1][0] == run_id else 0
            parts.append((run_id, part, unit_id, unit_id))
            rows_in_part = count
    return parts or [(_NO_RUN, 0, 0, 0)]


def _copy(connection: duckdb.DuckDBPyConnection, rows: str, file: Path) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    row = connection.execute(f"copy ({rows}) to {quoted_path(file)} ({_OPTIONS})").fetchone()
    return row[0] if row else 0


def _write_views(connection: duckdb.DuckDBPyConnection, tables: list[str], folder: Path) -> None:
    """The SQL file; its statements are run over the files that it names before it is written."""
    over_files = "\n".join(_view_of_files(connection, table) for table in tables)
    with duckdb.connect() as lake:
        lake.execute(f"set file_search_path = {quoted_path(folder)}")
        lake.execute(f"{over_files}\ncreate schema {ALL_RUNS};")
        views = create_views(lake)
    schema = f"-- Views and macros, as in sql/views/.\ncreate schema if not exists {ALL_RUNS};\n"
    (folder / VIEWS_FILE).write_text("\n".join([_HEADER, over_files, schema, views]), encoding="utf-8")


def _view_of_files(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A view of the table's files, with the comments of its file in sql/tables/."""
    files = f"read_parquet('{table}.parquet')"
    if table in SORTED_BY:
        files = f"read_parquet('{table}/*/*.parquet', hive_partitioning = true, hive_types = {{'run_id': integer}})"
    columns = "".join(f"    {column},\n" for column in _columns(connection, table))
    lines = (SQL / "tables" / f"{table}.sql").read_text(encoding="utf-8").splitlines()
    comments = [line.replace("comment on table", "comment on view") for line in lines if line.startswith("comment on")]
    return "\n".join([f"create or replace view {table} as\nselect\n{columns}from {files};", *comments, ""])
