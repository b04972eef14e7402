"""Take a run, and the statistics made from it, out of the file; the same ingest command measures it again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse, wait_option


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("run_id", type=int, metavar="RUN", help="number of the run, as clip-warehouse status lists it")
    wait_option(parser)


def run(options: Namespace) -> None:
    from warehouse.run_choices import drop_run

    for named in drop_run(chosen_warehouse(options), options.run_id, options.wait):
        print(f"run {named.run_id} ({named.job_name}) dropped; pictures, words and labels stay")
