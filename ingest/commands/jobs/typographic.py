"""Show pictures with and without a text laid over them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import LAST_BLOCK, PICTURE_SOURCE, model_options, picture_set_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument("--text", required=True, help="the text, for example iPod")
    parser.add_argument("--pictures", metavar="SOURCE", help=PICTURE_SOURCE)
    picture_set_options(parser)
    parser.add_argument("--layers", help=f"addresses with commas (4/2/6,4/2/5), or all; {LAST_BLOCK}")
    parser.add_argument("--size", type=int, help="font size, px; default: 20, smaller for models below 224 px")
    parser.add_argument("--stroke", type=int, help="black stroke, px; default: 2, smaller below 224 px")
    parser.add_argument("--grid", default="2x2", help="how often the text is repeated, across x down (%(default)s)")


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.picture_set import inventory_of
    from ingest.commands.running import begin_decoding, decoders_of, model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import default_layers, select_layers
    from ingest.pictures.typographic import TypographicJob
    from ingest.stimuli.overlays import overlay_for

    path = chosen_warehouse(options)
    begin_decoding(options)
    model, arithmetic = model_and_arithmetic(options)
    layers = select_layers(model.layers, default_layers(model.layers) if options.layers is None else options.layers)
    overlay = overlay_for(model, options.text, size_px=options.size, stroke_px=options.stroke, grid=options.grid)
    with inventory_of([] if options.pictures is None else [options.pictures], options, path) as inventory:
        decoders = decoders_of(options, arithmetic)
        make_job = partial(TypographicJob, model, inventory, layers, arithmetic, overlay, decoders=decoders)
        job = make_job()
        note(f"{number_of(inventory.picture_count, 'picture')}, with and without {overlay.text!r}, to {model.label}")
        run_job(job, path, shards_of(options, make_job))
