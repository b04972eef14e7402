"""Export any table or view to Parquet, CSV or JSON, in one file or partitioned, for engines beyond one machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import duckdb

from warehouse.connection import open_reader
from warehouse.errors import CannotWrite, QueryError, UsageError
from warehouse.fsync import rename_synced, sync_all
from warehouse.schema import require_schema
from warehouse.sql_text import quoted_name, quoted_path

_MARK = "clip_warehouse"  # in every Parquet file that we write: a folder of nothing else may be replaced
_OPTIONS = {
    ".parquet": f"format parquet, compression zstd, kv_metadata {{{_MARK}: 'an export, replaced by the next one'}}",
    ".csv": "format csv, header true",
    ".json": "format json, array true",
}


def export(warehouse: Path, relation: str, target: Path, partition_by: Sequence[str] = ()) -> int:
    """Write a table or view to `target`; the number of rows written.

    The suffix of `target` names the format. With `partition_by` it is a folder of Parquet files, column=value/. An
    earlier export is replaced only once the new one is complete. Raises QueryError for an unknown relation or column,
    UsageError for a target of unknown format, or one that exists and is not an earlier export.
    """
    target = target.resolve()
    if partition_by:
        options = f"{_OPTIONS['.parquet']}, partition_by ({', '.join(map(quoted_name, partition_by))})"
        _require_folder_of_ours(target)
    elif target.suffix in _OPTIONS:
        options = _OPTIONS[target.suffix]
        _require_file_of_ours(target, warehouse)
    else:
        raise UsageError(f"cannot tell the format of {target}: end it in {', '.join(_OPTIONS)}, or use --partition-by")
    with open_reader(warehouse, locked_down=False) as connection:
        require_schema(connection, warehouse)
        _require_relation(connection, relation)
        return _copy(connection, relation, target, options)


def _require_folder_of_ours(target: Path) -> None:
    if target.is_file():
        raise UsageError(f"{target} is a file: name a new folder")
    if target.is_dir() and not all(_is_ours(file) for file in target.rglob("*") if not file.is_dir()):
        raise UsageError(f"{target} holds other files: name a new folder, or that of an earlier export")


def _is_ours(file: Path) -> bool:
    """Whether an export wrote it: folders of other programs may be called column=value too."""
    try:
        with duckdb.connect() as connection:
            keys = connection.execute(
                "select decode(key) from parquet_kv_metadata($file)", {"file": str(file)}
            ).fetchall()
    except duckdb.Error:
        return False
    return (_MARK,) in keys


def _require_file_of_ours(target: Path, warehouse: Path) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file in it, or use --partition-by")
    if target == warehouse.resolve():
        raise UsageError(f"{target} is the warehouse itself: name another file")


def _copy(connection: duckdb.DuckDBPyConnection, relation: str, target: Path, options: str) -> int:
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    statement = f"copy (from {quoted_name(relation)}) to {quoted_path(temporary)} ({options})"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        row = connection.execute(statement).fetchone()
        _give_place(temporary, target)
    except (duckdb.IOException, OSError) as error:
        raise CannotWrite(target, error) from error
    except duckdb.Error as error:
        raise QueryError(str(error).splitlines()[0]) from error
    finally:
        _remove(temporary)
    return row[0] if row else 0


def _give_place(written: Path, target: Path) -> None:
    """Sync it, then put it in the earlier export's place: a file in one step, a folder after removing the old one."""
    if written.is_dir():
        sync_all(written)
        _remove(target)
    rename_synced(written, target)


def _require_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    rows = connection.execute(
        "select case when table_schema = 'main' then table_name else table_schema || '.' || table_name end "
        "from information_schema.tables"
    ).fetchall()
    known = sorted(row[0] for row in rows)
    if relation not in known:
        near = get_close_matches(relation, known, n=3) or [name for name in known if "." not in name]
        raise QueryError(f"no table or view {relation!r}: take {', '.join(near)}")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
