"""Which run the views show, where a job has several, and runs that are taken out of the file."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import WRITER_PATIENCE_S, open_reader, open_writer, transaction
from warehouse.errors import UnknownRun
from warehouse.schema import SQL, update, utc_now
from warehouse.staging import staging_folder


@dataclass(frozen=True)
class RunNamed:
    """A run by its number and job, for telling a person what was done."""

    run_id: int
    job_name: str


def is_shown(path: Path, run_id: int) -> bool:
    """Whether the views show a run; nobody is shut out for the answer. Raises what open_reader raises."""
    with open_reader(path, locked_down=False) as connection:
        shown = connection.execute("select run_id from shown_runs where run_id = $run_id", {"run_id": run_id})
        return shown.fetchone() is not None


def show_run(path: Path, run_id: int, patience_s: float = WRITER_PATIENCE_S) -> list[RunNamed]:
    """Let the views show a run, and the statistics made from it, instead of a newer one of its job; those changed.

    A run of the job that is complete later is shown instead of it, as ever. Does nothing for a run that is shown.
    Raises UnknownRun, also for a run that is not complete, WarehouseMissing, NotAWarehouse, WarehouseBusy.
    """
    update(path, patience_s)
    with open_writer(path, patience_s) as connection:
        runs = _runs_with(connection, path, run_id)
        if runs[0][2] != "complete":
            raise UnknownRun(path, run_id, "it is not complete yet: type its ingest command again")
        shown = {row[0] for row in connection.execute("select run_id from shown_runs").fetchall()}
        changed = [RunNamed(*row[:2]) for row in runs if row[2] == "complete" and row[0] not in shown]
        rows = [(run.run_id, utc_now()) for run in changed]
        if rows:
            connection.executemany("insert into run_choices values (?, ?)", rows)
    return changed


def drop_run(path: Path, run_id: int, patience_s: float = WRITER_PATIENCE_S) -> list[RunNamed]:
    """Take a run, the statistics made from it and their staged shards out of the file; those dropped.

    One transaction. Stimuli, captions and labels stay. The same ingest command measures it anew. The file keeps its
    size and uses the room again. Raises UnknownRun, WarehouseMissing, NotAWarehouse, WarehouseBusy.
    """
    update(path, patience_s)
    with open_writer(path, patience_s) as connection:
        runs = _runs_with(connection, path, run_id)
        run_ids = [row[0] for row in runs]
        statement = (SQL / "changes" / "drop_run.sql").read_text(encoding="utf-8")
        with transaction(connection):
            for table in _tables_of_runs(connection):
                connection.execute(statement.format(table=f'"{table}"'), {"run_ids": run_ids})
    for row in runs:
        shutil.rmtree(staging_folder(path) / row[3][:16], ignore_errors=True)
    return [RunNamed(*row[:2]) for row in runs]


def _runs_with(connection: duckdb.DuckDBPyConnection, path: Path, run_id: int) -> list[tuple[int, str, str, str]]:
    """A run, and those that go with it: id, job, status, settings_sha256."""
    text = (SQL / "joins" / "runs_made_from.sql").read_text(encoding="utf-8")
    if rows := connection.execute(text, {"run_id": run_id}).fetchall():
        return rows
    known = connection.execute("select string_agg(run_id, ', ' order by run_id) from runs").fetchall()[0][0]
    raise UnknownRun(path, run_id, f"the file has runs {known}" if known else "the file has no run")


def _tables_of_runs(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every table with a run_id; `runs` last."""
    rows = connection.execute(
        "select table_name from duckdb_columns() inner join duckdb_tables() using (schema_name, table_name) "
        "where schema_name = 'main' and column_name = 'run_id' order by table_name = 'runs', table_name"
    ).fetchall()
    return [row[0] for row in rows]
