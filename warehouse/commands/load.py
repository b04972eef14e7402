"""Load the shards that an interrupted or locked-out ingest has left staged."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse, wait_option
from warehouse.errors import UsageError
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    wait_option(parser)


def run(options: Namespace) -> int:
    from warehouse.loading import load_everything
    from warehouse.staging import foreign_runs

    if not options.wait >= 0:
        raise UsageError(f"--wait {options.wait:g}: take 0 seconds or more")
    path = chosen_warehouse(options)
    loaded = load_everything(path, options.wait)
    for run_id, count in loaded.items():
        print(f"run {run_id}: {number_of(count, 'shard')} loaded")
    foreign = foreign_runs(path)
    for folder in foreign:
        print(
            f"left where it is: {folder} holds shards of a run that {path} does not know; put the warehouse that they "
            "were computed for in its place and load again, or remove the folder and ingest again"
        )
    if not loaded and not foreign:
        print("nothing staged")
    return int(bool(foreign and not loaded))
