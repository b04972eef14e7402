"""Measure how much of each unit of a block's output comes from the shortcut, on that unit's own images."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.options import model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import InputError, UsageError
from warehouse.wording import number_of

if TYPE_CHECKING:
    from ingest.network.model import ClipModel
    from ingest.network.trunk import Bottleneck
    from ingest.shares.images import UnitImages

_EXAMPLES = "examples"
_MOST_EXAMPLES = 1_000_000


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument(
        "--bottlenecks", help="addresses with commas (4/2,4/1), or all; default: the last block's that have images"
    )
    parser.add_argument(
        "--images",
        choices=(_EXAMPLES, "features"),
        default=_EXAMPLES,
        help="a unit's top pictures, or its feature visualisation, as the article (%(default)s)",
    )
    parser.add_argument("--top", type=int, default=100, help="how many examples of each unit (%(default)s)")
    parser.add_argument(
        "--source", choices=("optimised", "microscope"), help="whose feature visualisations; default: the newest run's"
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import begin_decoding, decoders_of, model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import default_bottlenecks, select_bottlenecks
    from ingest.shares.job import shares_job

    if not 0 < options.top <= _MOST_EXAMPLES:
        raise UsageError(f"--top {options.top}: take 1 to {_MOST_EXAMPLES:,}")
    if options.source and options.images == _EXAMPLES:
        raise UsageError(f"--source {options.source} chooses feature visualisations: take --images features with it")
    path = chosen_warehouse(options)
    begin_decoding(options)
    model, arithmetic = model_and_arithmetic(options)
    asked = select_bottlenecks(model.trunk, options.bottlenecks or default_bottlenecks(model.trunk))
    images = _images(options, path, model, [bottleneck.output_name for bottleneck in asked])
    bottlenecks = _with_images(asked, images, must_have_all=options.bottlenecks is not None)
    names = [bottleneck.name for bottleneck in bottlenecks]
    top = options.top if options.images == _EXAMPLES else 1
    decoders = decoders_of(options, arithmetic)
    make_job = partial(shares_job, model, names, images, arithmetic, top=top, decoders=decoders)
    job = make_job()
    note(
        f"{number_of(len(images.pairs), 'image')} of units, {images.pairs['image_id'].n_unique():,} different ones, "
        f"in {', '.join(names)} of {model.label} on {arithmetic.device}"
    )
    run_job(job, path, shards_of(options, make_job))


def _images(options: Namespace, path: Path, model: ClipModel, layer_names: Sequence[str]) -> UnitImages:
    from ingest.shares.images import example_images, feature_images

    if options.images == _EXAMPLES:
        return example_images(path, model, layer_names, options.top)
    return feature_images(path, model, layer_names, options.source)


def _with_images(asked: Sequence[Bottleneck], images: UnitImages, *, must_have_all: bool) -> list[Bottleneck]:
    """The bottlenecks whose outputs have images. Raises InputError when none has, or one that was asked for by name."""
    known = set(images.pairs["layer_name"])
    having = [bottleneck for bottleneck in asked if bottleneck.output_name in known]
    lacking = ",".join(bottleneck.output_name for bottleneck in asked if bottleneck.output_name not in known)
    if not having or (must_have_all and lacking):
        raise InputError(
            f"the newest run has no {images.image_source} of {lacking}: make them with {images.command}, "
            "or name other --bottlenecks"
        )
    return having
