"""Replace lower units on pictures, and compare what expanded weights predict with what the real network does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import at_least_one, model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import UsageError
from warehouse.wording import number_of

_ALL = "all"


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument(
        "--upper", help="upper layers, addresses with commas or all; default: the last bottleneck's last convolution"
    )
    parser.add_argument("--lower", default=_ALL, help="lower layers, addresses with commas (%(default)s)")
    parser.add_argument("--pictures", type=int, default=100, metavar="N", help="how many kept pictures (%(default)s)")
    parser.add_argument(
        "--lower-units", default="64", metavar="N", help="units of a lower layer, drawn by --seed, or all (%(default)s)"
    )
    parser.add_argument(
        "--value", choices=("mean", "zero"), default="mean", help="what a unit is replaced by (%(default)s)"
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.effects.job import EffectsJob
    from ingest.network.layers import last_convolution, select_layers
    from ingest.stimuli.kept_pictures import kept_pictures

    path = chosen_warehouse(options)
    unit_count = _unit_count(options.lower_units)
    model, arithmetic = model_and_arithmetic(options)
    uppers = select_layers(model.layers, options.upper or last_convolution(model.layers))
    lowers = select_layers(model.layers, options.lower)
    pictures = kept_pictures(path, model, at_least_one("--pictures", options.pictures))
    make_job = partial(
        EffectsJob,
        model,
        uppers,
        lowers,
        pictures,
        arithmetic,
        lower_unit_count=unit_count,
        value=options.value,
        seed=options.seed,
    )
    job = make_job()
    names = ", ".join(job.settings.upper_layers)
    note(f"effects on {names} of {model.label} on {number_of(len(pictures), 'picture')}, on {arithmetic.device}")
    run_job(job, path, shards_of(options, make_job))


def _unit_count(typed: str) -> int | None:
    if typed == _ALL:
        return None
    if not typed.isdecimal():
        raise UsageError(f"--lower-units {typed}: take a number, or all")
    return at_least_one("--lower-units", int(typed))
