"""What the warehouse holds, and what is unfinished."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse
from warehouse.text_table import text_table
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    """None of its own."""


def run(options: Namespace) -> None:
    from warehouse.reading import fetch
    from warehouse.staging import foreign_runs, staged_runs

    path = chosen_warehouse(options)
    runs = fetch(
        "select run_id, trim(job_name || ' ' || part_name) as job_name, model_name, pretrained_tag, status, "
        "loaded_shard_count || ' of ' || shard_count as shards, stimulus_count as stimuli, "
        "rejected_stimulus_count as rejected, row_count, dtype, duration_s, shown_because as shown "
        "from run_details order by run_id",
        warehouse=path,
        row_limit=1_000,
    )
    print(f"{path}: {path.stat().st_size / 1e6:,.1f} MB")
    print(text_table(runs.columns, runs.rows) if runs.rows else "no run yet: clip-warehouse ingest words --help")
    status = runs.columns.index("status")
    complete = [row[1] for row in runs.rows if row[status] == "complete"]
    if len(set(complete)) < len(complete):
        print("of several complete runs of a job the views show the newest, or the one chosen: clip-warehouse show RUN")
    if any(row[status] == "running" for row in runs.rows):
        print("a run that was interrupted goes on when you run its ingest command again")
    foreign = foreign_runs(path)
    if own := len(staged_runs(path)) - len(foreign):
        print(f"{number_of(own, 'run')} with staged shards: run the same ingest again, or clip-warehouse load")
    for folder in foreign:
        print(f"{folder} holds shards of a run that is not in this file: clip-warehouse load says what can be done")
