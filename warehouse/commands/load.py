"""Load the shards that an interrupted or locked-out ingest has left staged."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse, wait_option
from warehouse.errors import UsageError


def add_options(parser: ArgumentParser) -> None:
    wait_option(parser)


def run(options: Namespace) -> None:
    from warehouse.loading import load_everything

    if not options.wait >= 0:
        raise UsageError(f"--wait {options.wait:g}: take 0 seconds or more")
    loaded = load_everything(chosen_warehouse(options), options.wait)
    for run_id, count in loaded.items():
        print(f"run {run_id}: {count} shard(s) loaded")
    if not loaded:
        print("nothing staged")
