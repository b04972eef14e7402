"""Optimise a picture for each chosen unit until it drives the unit as far as it goes; --seed seeds these too."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import model_options, objective_option, runner_options
from warehouse.commands.verb import chosen_warehouse, note


def add_options(parser: ArgumentParser) -> None:
    model_options(parser, fast=True)
    runner_options(parser)
    parser.add_argument(
        "--units",
        metavar="UNITS",
        help="layers or units with commas (4/2/6, or 4/2/6/34,4/2/6/2), or a file of them, one a line; "
        "default: two dozen of the last block's output, evenly spaced",
    )
    objective_option(parser)
    parser.add_argument("--steps", type=int, default=256, help="steps of the optimisation (%(default)s)")
    parser.add_argument(
        "--starts", type=int, default=3, help="starts a unit, of which the best goes on after an eighth (%(default)s)"
    )
    parser.add_argument("--size", type=int, metavar="PX", help="size of the pictures, px; default: the model's own")
    parser.add_argument(
        "--lightness",
        type=float,
        default=0.9,
        help="of the even grey that pictures begin from, between 0 (black) and 1 (white) (%(default)s)",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import arithmetic_of, model_of, run_job, shards_of
    from ingest.features.job import FeaturesJob
    from ingest.features.optimisation import Recipe
    from ingest.network.unit_selection import few_units, named_units, select_units

    where = arithmetic_of(options)
    model = model_of(options)
    units = select_units(model.layers, few_units(model.layers) if options.units is None else named_units(options.units))
    recipe = Recipe(
        objective=options.objective,
        step_count=options.steps,
        start_count=options.starts,
        size_px=model.image_size_px if options.size is None else options.size,
        seed=options.seed,
        lightness=options.lightness,
    )
    make_job = partial(FeaturesJob, model, units, where, recipe)
    job = make_job()
    note(f"{job.settings.unit_count:,} units of {model.label}, {recipe.step_count} steps each, on {where.device}")
    run_job(job, chosen_warehouse(options), shards_of(options, make_job))
