"""Compute expanded weights between all units of the chosen layers, and their statistics."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from ingest.commands.options import at_least_one, model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument(
        "--upper", help="upper layers, addresses with commas or all; default: the last bottleneck's last convolution"
    )
    parser.add_argument("--lower", default="all", help="lower layers, addresses with commas (%(default)s)")
    parser.add_argument(
        "--kernels", type=int, default=0, metavar="K", help="keep the spatial kernels of each unit's K strongest (0)"
    )
    parser.add_argument(
        "--gates",
        choices=("linear", "pictures"),
        default="linear",
        help="every ReLU open, as the article, or each picture's own gates, averaged over pictures (%(default)s)",
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=100,
        metavar="N",
        help="how many kept pictures --gates pictures takes (%(default)s)",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import last_convolution, select_layers
    from ingest.stimuli.kept_pictures import kept_pictures
    from ingest.weights.contributions import ContributionsJob
    from ingest.weights.gated import GatedWeightsJob
    from ingest.weights.job import WeightsJob

    path = chosen_warehouse(options)
    model, arithmetic = model_and_arithmetic(options)
    uppers = select_layers(model.layers, last_convolution(model.layers) if options.upper is None else options.upper)
    lowers = select_layers(model.layers, options.lower)
    make_job: Callable[[], WeightsJob] = partial(
        WeightsJob, model, uppers, lowers, arithmetic, kernel_count=options.kernels
    )
    if options.gates == "pictures":
        pictures = kept_pictures(path, model, at_least_one("--pictures", options.pictures))
        make_job = partial(GatedWeightsJob, model, uppers, lowers, arithmetic, pictures, kernel_count=options.kernels)
    job = make_job()
    pairs = sum(map(job.size_of, range(job.shard_count)))
    note(f"{number_of(pairs, 'pair')} of units of {model.label} on {arithmetic.device}")
    weights = run_job(job, path, shards_of(options, make_job))
    run_job(ContributionsJob(model, arithmetic, path, weights.run_id), path)
