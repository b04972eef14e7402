"""Cached reads: what a page shows comes from `rows`, over one read-only connection per page, closed when it is drawn.

An answer is kept until the file changes. While a writer holds the file, a read waits a few seconds and then raises
WarehouseBusy; the entry says so and tries again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any

import polars as pl
import streamlit as st

import warehouse
from warehouse.connection import warehouse_path
from warehouse.errors import ClipWarehouseError
from warehouse.reading import query_on
from warehouse.schema import sql_sha256

PATIENCE_S = 5.0
_KEPT_ANSWERS = 500
_here = threading.local()  # each session runs its page in a thread of its own
Version = tuple[tuple[int, int, int], ...]


def path() -> Path:
    """The warehouse that the pages show: CLIP_WAREHOUSE, else warehouse.duckdb in the current folder."""
    return warehouse_path().absolute()


def command(verb: str) -> str:
    """The command of a verb for this file, ready to paste into a shell in any folder."""
    return f"clip-warehouse {verb} --warehouse {quote(str(path()))}"


def version(file: Path) -> Version:
    """(inode, size, time of change) of the file and of its write-ahead log; equal means that nothing was written."""
    return tuple(
        (state.st_ino, state.st_size, state.st_mtime_ns)
        for part in (file, file.with_name(f"{file.name}.wal"))
        if part.exists()
        for state in [part.stat()]
    )


def rows(sql: str, /, **params: Any) -> pl.DataFrame:
    """The answer to one statement, cached until the file changes. Raises what warehouse.query raises."""
    given = _here.answers if getattr(_here, "is_shared", False) else {}
    asked = f"{sql}{params}"
    if asked not in given:
        file = path()
        given[asked] = _rows(str(file), version(file), sql, params)
    answer: pl.DataFrame = given[asked]
    return answer


@contextmanager
def one_connection() -> Iterator[None]:
    """Ask everything in the block over one connection, opened at the first question that the cache cannot answer.

    Opening a connection costs more than most questions, and a look into Streamlit's cache as much as some, so the block
    keeps its own answers, too. An ingest cannot load while the connection is open: `let_go` before anything that
    takes long.
    """
    _here.is_shared, _here.connection, _here.answers = True, None, {}
    try:
        yield
    finally:
        let_go()
        _here.is_shared, _here.answers = False, {}


def let_go() -> None:
    """Close this thread's connection, if it has one; the next question opens another."""
    connection, _here.connection = getattr(_here, "connection", None), None
    if connection is not None:
        connection.close()


def comments(relation: str) -> dict[str, str]:
    """Column name -> its comment in the warehouse."""
    commented = rows(
        "select column_name, comment from duckdb_columns() "
        "where schema_name = 'main' and table_name = $relation and comment is not null",
        relation=relation,
    )
    return dict(commented.iter_rows())


def views_are_older() -> bool:
    """Whether the file's views were made from another version of sql/ than this program's."""
    try:
        built = rows("select sql_sha256 from warehouse_info")
    except ClipWarehouseError:
        return False
    return built.rows() != [(sql_sha256(),)]


@st.cache_data(show_spinner=False, max_entries=_KEPT_ANSWERS)
def _rows(path: str, version: Version, sql: str, params: dict[str, Any]) -> pl.DataFrame:
    if not getattr(_here, "is_shared", False):
        return warehouse.query(sql, warehouse=path, patience_s=PATIENCE_S, **params)
    if _here.connection is None:
        _here.connection = warehouse.read(path, patience_s=PATIENCE_S)
    return query_on(_here.connection, sql, **params)
