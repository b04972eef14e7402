"""Name each unit by the concept that its strongest pictures share, and tell how far to trust the name."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import at_least_one, concept_options, model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    concept_options(parser)
    parser.add_argument("--layers", default="all", help="addresses with commas (4/2/6,4/2/5), or all (%(default)s)")
    parser.add_argument(
        "--pictures",
        type=int,
        default=5_000,
        metavar="N",
        help="how many pictures of the newest pictures run, those of the smallest content hashes; half of them name, "
        "half are held out (%(default)s)",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.names.job import NamesJob
    from ingest.network.layers import select_layers
    from ingest.stimuli.concept_lists import concept_list
    from ingest.stimuli.kept_pictures import run_pictures

    path = chosen_warehouse(options)
    count = at_least_one("--pictures", options.pictures)
    model, arithmetic = model_and_arithmetic(options)
    layers = select_layers(model.layers, options.layers)
    pictures = run_pictures(path, model, count)
    concepts, source = concept_list(options.concepts, pictures.names)
    make_job = partial(
        NamesJob, model, layers, pictures, concepts, arithmetic, template=options.template, seed=options.seed
    )
    job = make_job()
    unit_count = sum(layer.channel_count for layer in layers)
    note(
        f"{number_of(unit_count, 'unit')} of {number_of(len(layers), 'layer')}, "
        f"{number_of(len(pictures), 'picture')} and {number_of(len(concepts), 'concept')} ({source}), "
        f"{model.label} on {arithmetic.device}"
    )
    run_job(job, path, shards_of(options, make_job))
