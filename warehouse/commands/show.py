"""Let the views show a run, and the statistics made from it, instead of a newer one of its job."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse, wait_option


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("run_id", type=int, metavar="RUN", help="number of the run, as clip-warehouse status lists it")
    wait_option(parser)


def run(options: Namespace) -> None:
    from warehouse.run_choices import show_run

    changed = show_run(chosen_warehouse(options), options.run_id, options.wait)
    for named in changed:
        print(f"the views show run {named.run_id} ({named.job_name}) now, until a newer one is complete")
    if not changed:
        print(f"the views show run {options.run_id} already")
