"""The verbs of residual shares: ours, and the published ones to hold them against."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ingest.commands.running import arithmetic_of, named, note, run_job, shards_of
from ingest.network.layers import default_bottlenecks, output_layer, select_bottlenecks
from ingest.network.model import ClipModel, load_model
from ingest.network.trunk import Bottleneck
from ingest.shares.images import EXAMPLES, UnitImages, example_images, feature_images
from ingest.shares.job import shares_job
from ingest.shares.published import PublishedJob, content_of
from warehouse.errors import InputError, UsageError

_MOST_EXAMPLES = 1_000_000


def ingest(options: Namespace, path: Path) -> None:
    if not 0 < options.top <= _MOST_EXAMPLES:
        raise UsageError(f"--top {options.top}: take 1 to {_MOST_EXAMPLES:,}")
    if options.source and options.images == EXAMPLES:
        raise UsageError(f"--source {options.source} chooses feature visualisations: take --images features with it")
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    asked = select_bottlenecks(model.trunk, options.bottlenecks or default_bottlenecks(model.trunk))
    images = _images(options, path, model, [bottleneck.output_name for bottleneck in asked])
    bottlenecks = _with_images(asked, images, must_have_all=options.bottlenecks is not None)
    names = [bottleneck.name for bottleneck in bottlenecks]
    top = options.top if options.images == EXAMPLES else 1
    recipe = partial(shares_job, model, names, images, where, top=top)
    job = recipe()
    note(
        f"{len(images.pairs):,} images of units, {images.pairs['image_id'].n_unique():,} different ones, "
        f"in {', '.join(names)} of {named(model)} on {where.device}"
    )
    run_job(job, path, shards_of(options, recipe))
    if job.unreadable:
        note(f"{len(job.unreadable):,} pictures could not be read any more; image_count tells what each share rests on")


def published(options: Namespace, path: Path) -> None:
    output_layer(options.bottleneck)  # a wrong address is told before anything is downloaded
    job = PublishedJob(content_of(options.source), options.bottleneck, options.source)
    dead = job.shares["shortcut_share"].null_count()
    note(f"{len(job.shares):,} units of {options.bottleneck}, {dead:,} of them dead, from {options.source}")
    run_job(job, path)


def _images(options: Namespace, path: Path, model: ClipModel, layer_names: Sequence[str]) -> UnitImages:
    if options.images == EXAMPLES:
        return example_images(path, model, layer_names, options.top)
    return feature_images(path, model, layer_names, options.source)


def _with_images(asked: Sequence[Bottleneck], images: UnitImages, *, must_have_all: bool) -> list[Bottleneck]:
    """The bottlenecks whose outputs have images. Raises InputError when none has, or one that was asked for by name."""
    known = set(images.pairs["layer_name"])
    found = [bottleneck for bottleneck in asked if bottleneck.output_name in known]
    lacking = ",".join(bottleneck.output_name for bottleneck in asked if bottleneck.output_name not in known)
    if not found or (must_have_all and lacking):
        raise InputError(
            f"the newest run has no {images.image_source} of {lacking}: make them with {images.command}, "
            "or name other --bottlenecks"
        )
    return found
