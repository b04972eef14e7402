"""Choosing the run that the views show where a job has several, and taking runs out of the file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import WRITER_PATIENCE_S, open_reader, transaction
from warehouse.errors import UnknownRun
from warehouse.schema import open_updated, statement, utc_now
from warehouse.sql_text import quoted_name
from warehouse.staging import staging_folder


@dataclass(frozen=True)
class RunNamed:
    """A run by its number and job, for messages."""

    run_id: int
    job_name: str


def is_shown(path: Path, run_id: int) -> bool:
    """Whether the views show a run; reads only. Raises what open_reader raises."""
    with open_reader(path, locked_down=False) as connection:
        shown = connection.execute("select run_id from shown_runs where run_id = $run_id", {"run_id": run_id})
        return shown.fetchone() is not None


def show_run(path: Path, run_id: int, patience_s: float = WRITER_PATIENCE_S) -> list[RunNamed]:
    """Let the views show a run, and the statistics made from it, instead of a newer one of its job; those changed.

    A run of the job that is completed later is shown instead of it, as always. Does nothing for a run that is shown.
    Raises UnknownRun, also for a run that is not complete, WarehouseMissing, NotAWarehouse, WarehouseBusy.
    """
    with open_updated(path, patience_s) as connection:
        runs = _runs_with(connection, path, run_id)
        if runs[0][2] != "complete":
            raise UnknownRun(path, run_id, "it is not complete yet: run its ingest command again")
        shown = {row[0] for row in connection.execute("select run_id from shown_runs").fetchall()}
        changed = [RunNamed(*row[:2]) for row in runs if row[2] == "complete" and row[0] not in shown]
        rows = [(run.run_id, utc_now()) for run in changed]
        if rows:
            connection.executemany("insert into run_choices values (?, ?)", rows)
    return changed


def drop_run(path: Path, run_id: int, patience_s: float = WRITER_PATIENCE_S) -> list[RunNamed]:
    """Take a run, the statistics made from it and their staged shards out of the file; those dropped.

    One transaction. Stimuli, captions and labels stay. The same ingest command measures it again. The file keeps its
    size and reuses the space. Raises UnknownRun, WarehouseMissing, NotAWarehouse, WarehouseBusy.
    """
    with open_updated(path, patience_s) as connection:
        runs = _runs_with(connection, path, run_id)
        run_ids = [row[0] for row in runs]
        delete = statement("changes/drop_run")
        tables = connection.execute(statement("joins/tables_of_runs")).fetchall()
        with transaction(connection):
            for (table,) in tables:
                connection.execute(delete.format(table=quoted_name(table)), {"run_ids": run_ids})
    for row in runs:
        shutil.rmtree(staging_folder(path) / row[3][:16], ignore_errors=True)
    return [RunNamed(*row[:2]) for row in runs]


def _runs_with(connection: duckdb.DuckDBPyConnection, path: Path, run_id: int) -> list[tuple[int, str, str, str]]:
    """A run and the runs made from it: id, job, status, settings_sha256."""
    if rows := connection.execute(statement("joins/runs_made_from"), {"run_id": run_id}).fetchall():
        return rows
    known = connection.execute("select string_agg(run_id, ', ' order by run_id) from runs").fetchall()[0][0]
    raise UnknownRun(path, run_id, f"the file has runs {known}" if known else "the file has no run")
