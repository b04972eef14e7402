"""Average lower units, weighted by upper units' activations, from a pictures run that kept both layers' activations."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument("--upper", required=True, help="upper layers, addresses with commas")
    parser.add_argument("--lower", required=True, help="lower layers, addresses with commas")


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.coactivations.job import CoactivationsJob
    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import select_layers

    path = chosen_warehouse(options)
    model, arithmetic = model_and_arithmetic(options)
    uppers, lowers = select_layers(model.layers, options.upper), select_layers(model.layers, options.lower)
    make_job = partial(CoactivationsJob, model, uppers, lowers, arithmetic, path)
    job = make_job()
    pairs = sum(map(job.size_of, range(job.shard_count)))
    note(f"{number_of(pairs, 'pair')} of units of {model.label}, from stored activations")
    run_job(job, path, shards_of(options, make_job))
