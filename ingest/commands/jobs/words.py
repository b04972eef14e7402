"""Show words to a model and store how every unit responds to them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands.options import LAST_BLOCK, model_options, runner_options
from ingest.stimuli.word_list import DEFAULT_BASELINE
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.errors import UsageError
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--count", type=int, default=10_000, help="how many of the most common English words (%(default)s)"
    )
    shown.add_argument("--file", type=at_home, help="show the texts of this file instead, one per line, UTF-8")
    parser.add_argument("--layers", help=f"addresses with commas (4/2/6,4/2/5), or all; {LAST_BLOCK}")
    parser.add_argument(
        "--baseline",
        default=DEFAULT_BASELINE,
        help="text to subtract, or 'average' for the mean over the words (%(default)s)",
    )
    parser.add_argument("--text-size", type=int, help="font size, px; default: 20, smaller for models below 224 px")


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import default_layers, select_layers
    from ingest.runs.processes import begin_server
    from ingest.stimuli.texts import RasterSettings, rasterise
    from ingest.stimuli.word_list import common_words
    from ingest.words.job import WordsJob
    from warehouse.lists import read_list

    texts = read_list(Path(options.file)) if options.file else common_words(options.count)
    model, arithmetic = model_and_arithmetic(options)
    if arithmetic.is_gpu:
        begin_server(rasterise.__module__)
    layers = select_layers(model.layers, default_layers(model.layers) if options.layers is None else options.layers)
    text_size_px = model.text_size_px if options.text_size is None else options.text_size
    if not 0 < text_size_px <= model.image_size_px:
        raise UsageError(
            f"--text-size {text_size_px}: take 1 to {model.image_size_px}, the size of the model's pictures"
        )
    raster = RasterSettings(model.image_size_px, text_size_px)
    make_job = partial(WordsJob, model, texts, layers, arithmetic, baseline=options.baseline, raster=raster)
    job = make_job()
    shown = f"{number_of(len(job.stimuli), 'word')}, {number_of(len(layers), 'layer')}"
    note(f"{shown} of {model.label} on {arithmetic.device}")
    if rejected := job.stimuli["error_message"].count():
        note(f"{number_of(rejected, 'word')} cannot be shown at {raster.text_size_px} px: stored with the reason")
    run_job(job, chosen_warehouse(options), shards_of(options, make_job))
