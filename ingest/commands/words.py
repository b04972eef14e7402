"""The verbs of words: the job, and the channel difference of any two texts."""

from __future__ import annotations

import json
from argparse import Namespace
from functools import partial
from pathlib import Path

import warehouse
from ingest.commands.running import arithmetic_of, named, note, run_job, shards_of, stored_model
from ingest.network.device import arithmetic
from ingest.network.layers import default_layers, select_layers
from ingest.network.model import load_model
from ingest.stimuli.texts import RasterSettings
from ingest.stimuli.word_list import common_words, read_word_list
from ingest.words import job as words
from warehouse.errors import InputError, UsageError
from warehouse.text_table import text_table


def ingest(options: Namespace, path: Path) -> None:
    texts = read_word_list(Path(options.file)) if options.file else common_words(options.count)
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    layers = select_layers(model.layers, default_layers(model.layers) if options.layers is None else options.layers)
    text_size_px = model.text_size_px if options.text_size is None else options.text_size
    if not 0 < text_size_px <= model.image_size_px:
        raise UsageError(
            f"--text-size {text_size_px}: take 1 to {model.image_size_px}, the size of the model's pictures"
        )
    raster = RasterSettings(model.image_size_px, text_size_px)
    recipe = partial(words.WordsJob, model, texts, layers, where, baseline=options.baseline, raster=raster)
    job = recipe()
    note(f"{len(job.stimuli):,} words, {len(layers)} layers of {named(model)} on {where.device}")
    if rejected := job.stimuli["error_message"].count():
        note(f"{rejected:,} words cannot be shown at {raster.text_size_px} px and are kept with their reason")
    run_job(job, path, shards_of(options, recipe))


def difference(options: Namespace, path: Path) -> None:
    """The channel difference of two texts, run now with the shown words run's model, raster settings and precision."""
    settings = warehouse.query(
        "select settings, dtype from runs where run_id in (select run_id from shown_runs where job_name = 'words')",
        warehouse=path,
    )
    if not len(settings):
        raise InputError(f"{path} holds no words run yet: clip-warehouse ingest words --warehouse {path}")
    raster = RasterSettings(**json.loads(settings["settings"][0])["raster"])
    where = arithmetic(options.device, settings["dtype"][0])
    model = stored_model(path, "words")
    frame = words.difference(model, where, raster, options.word, options.baseline, options.layer).head(options.top)
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer} of {named(model)}, run now")
    print(text_table(["rank", *frame.columns], [(rank, *row) for rank, row in enumerate(frame.rows(), start=1)]))
