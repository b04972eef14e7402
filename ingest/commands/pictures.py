"""The verbs of pictures: the job, and which pictures are explicit."""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from ingest.commands.running import RAY, arithmetic_of, decoders_of, named, note, run_job, shards_of
from ingest.network.layers import default_layers, select_layers
from ingest.network.model import load_model
from ingest.pictures.job import SKETCHES, PicturesJob
from ingest.pictures.typographic import TypographicJob, overlay_for
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import BUNDLED_SET, items
from ingest.stimuli.word_list import read_word_list
from warehouse.explicit import mark_explicit


def ingest(options: Namespace, path: Path) -> None:
    explicit = read_word_list(Path(options.explicit)) if options.explicit else []
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    layers = select_layers(model.layers, options.layers)
    with _inventory(options.source, options, path) as inventory:
        recipe = partial(
            PicturesJob,
            model,
            inventory,
            layers,
            where,
            keep=options.keep,
            thumbnail_px=options.thumbnails,
            explicit=explicit,
            decoders=decoders_of(options, where),
        )
        job = recipe()
        note(f"{inventory.picture_count:,} pictures, {len(layers)} layers of {named(model)} on {where.device}")
        if job.settings.keep == SKETCHES:
            note(f"sketches of all pictures are kept, activations of {job.settings.kept_count:,} (--keep activations)")
        with closing(job):
            run_job(job, path, shards_of(options, recipe))
    if explicit:
        mark_explicit(path, explicit)


def ingest_typographic(options: Namespace, path: Path) -> None:
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    layers = select_layers(model.layers, default_layers(model.layers) if options.layers is None else options.layers)
    overlay = overlay_for(model, options.text, size_px=options.size, stroke_px=options.stroke, grid=options.grid)
    with _inventory(options.pictures, options, path) as inventory:
        decoders = decoders_of(options, where)
        recipe = partial(TypographicJob, model, inventory, layers, where, overlay, decoders=decoders)
        job = recipe()
        note(f"{inventory.picture_count:,} pictures, with and without {overlay.text!r}, to {named(model)}")
        with closing(job):
            run_job(job, path, shards_of(options, recipe))


@contextmanager
def _inventory(source: str | None, options: Namespace, path: Path) -> Iterator[Inventory]:
    """The inventory of a source, for as long as it is needed, with a word on what was found."""
    source = source or BUNDLED_SET
    with tempfile.TemporaryDirectory(prefix="clip-warehouse-", dir=_shared_folder(options, path)) as folder:
        keeps = options.unanswered == "keep"
        inventory = take_inventory(items(source), Path(folder), _counting(source), keeps_unanswered=keeps)
        if doubles := inventory.given_count - inventory.picture_count:
            note(f"{inventory.given_count:,} files given, {doubles:,} with the bytes of another")
        yield inventory


def _shared_folder(options: Namespace, path: Path) -> Path | None:
    """Where workers of a cluster find the inventory too: beside the warehouse; None for this machine's own place."""
    return path.absolute().parent if options.runner == RAY else None


def _counting(source: str) -> Callable[[int], None]:
    counted = 0

    def advance(count: int) -> None:
        nonlocal counted
        counted += count
        if counted % 65_536 < count:
            print(f"reading {source}: {counted:,} pictures", file=sys.stderr, flush=True)

    return advance
