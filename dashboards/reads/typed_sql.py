"""Statements typed on the SQL page, asked in a locked-down process of their own, and their answers."""

from __future__ import annotations

import time
from dataclasses import dataclass

import polars as pl

from dashboards.reads import warehouse_file
from warehouse.errors import ClipWarehouseError
from warehouse.query_process import Askers

ROW_LIMIT = 100_000
_ASKERS = Askers()


@dataclass(frozen=True)
class Asked:
    """One question: the statement, and after how many seconds it is stopped."""

    sql: str
    limit_s: float


@dataclass(frozen=True)
class Answered:
    """The answer to a question: its rows, or the error to show."""

    asked: Asked
    rows: pl.DataFrame | None
    is_cut: bool
    error: str
    took_s: float
    seen: warehouse_file.Version


def ask(asked: Asked) -> Answered:
    """Run a question in another process, locked down; the question's own errors are returned, not raised."""
    seen, started = warehouse_file.version(warehouse_file.path()), time.monotonic()
    rows, is_cut, error = None, False, ""
    try:
        rows = _ASKERS.query(
            asked.sql,
            warehouse=warehouse_file.path(),
            row_limit=ROW_LIMIT + 1,  # tells whether there are more
            time_limit_s=asked.limit_s,
            patience_s=warehouse_file.PATIENCE_S,
        )
        rows, is_cut = rows.head(ROW_LIMIT), len(rows) > ROW_LIMIT
    except ClipWarehouseError as problem:
        error = str(problem)
    return Answered(asked, rows, is_cut, error, time.monotonic() - started, seen)
