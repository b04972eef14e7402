"""For each chosen unit, optimise a picture that drives it as far as possible; --seed seeds these, too."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import model_options, objective_option, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser, fast=True)
    runner_options(parser)
    parser.add_argument(
        "--units",
        metavar="UNITS",
        help="layers or units with commas (4/2/6, or 4/2/6/34,4/2/6/2), or a file of them, one per line; "
        "default: two dozen of the last block's output, evenly spaced",
    )
    objective_option(parser)
    parser.add_argument(
        "--recipe",
        choices=("lucid", "bundled"),
        help="lucid: the published one; bundled: found for the bundled model's pictures on white; default: the model's",
    )
    parser.add_argument("--steps", type=int, help="steps of the optimisation (lucid 512, bundled 256)")
    parser.add_argument(
        "--starts",
        type=int,
        help="starts per unit; the best continues after an eighth of the steps (lucid 1, bundled 3)",
    )
    parser.add_argument("--size", type=int, metavar="PX", help="size of the pictures, px; default: the model's own")
    parser.add_argument(
        "--lightness",
        type=float,
        help="of the even grey that pictures begin from, between 0 (black) and 1 (white) (lucid 0.5, bundled 0.9)",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.features.job import FeaturesJob
    from ingest.features.recipes import RECIPES, recipe_name
    from ingest.network.unit_selection import few_units, named_units, select_units

    model, arithmetic = model_and_arithmetic(options)
    units = select_units(model.layers, few_units(model.layers) if options.units is None else named_units(options.units))
    name = options.recipe or recipe_name(model.model_name)
    chosen = {"step_count": options.steps, "start_count": options.starts, "lightness": options.lightness}
    recipe = RECIPES[name](
        objective=options.objective,
        size_px=model.image_size_px if options.size is None else options.size,
        seed=options.seed,
        **{field: value for field, value in chosen.items() if value is not None},
    )
    make_job = partial(FeaturesJob, model, units, arithmetic, recipe)
    job = make_job()
    steps = f"{number_of(recipe.step_count, 'step')} each (recipe {name})"
    note(f"{number_of(job.settings.unit_count, 'unit')} of {model.label}, {steps}, on {arithmetic.device}")
    run_job(job, chosen_warehouse(options), shards_of(options, make_job))
