"""Show a picture set to a model and store how every unit responds to it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands.options import PICTURE_SOURCE, model_options, picture_set_options, runner_options
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument("source", nargs="*", metavar="SOURCE", help=PICTURE_SOURCE)
    picture_set_options(parser)
    parser.add_argument("--layers", default="all", help="addresses with commas (4/2/6,4/2/5), or %(default)s")
    parser.add_argument(
        "--keep",
        choices=("activations", "sketches"),
        help="activations of all pictures, or sketches of all and activations of a sample; "
        "default: activations up to 20 million rows",
    )
    parser.add_argument(
        "--thumbnails",
        type=int,
        default=112,
        metavar="PX",
        help="size of the small copies kept, 0 for none (%(default)s)",
    )
    parser.add_argument(
        "--explicit",
        type=at_home,
        metavar="FILE",
        help="pictures to blur: addresses, file names or SHA-256, one per line",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.picture_set import inventory_of
    from ingest.commands.running import begin_decoding, decoders_of, model_and_arithmetic, run_job, shards_of
    from ingest.network.layers import select_layers
    from ingest.pictures.job import SKETCHES, PicturesJob
    from warehouse.captions import update_captions
    from warehouse.explicit import mark_explicit
    from warehouse.lists import read_list

    explicit = read_list(Path(options.explicit)) if options.explicit else []
    path = chosen_warehouse(options)
    begin_decoding(options)
    model, arithmetic = model_and_arithmetic(options)
    layers = select_layers(model.layers, options.layers)
    with inventory_of(options.source, options, path) as inventory:
        make_job = partial(
            PicturesJob,
            model,
            inventory,
            layers,
            arithmetic,
            keep=options.keep,
            thumbnail_px=options.thumbnails,
            explicit=explicit,
            decoders=decoders_of(options, arithmetic),
        )
        job = make_job()
        shown = f"{number_of(inventory.picture_count, 'picture')}, {number_of(len(layers), 'layer')}"
        note(f"{shown} of {model.label} on {arithmetic.device}")
        if job.settings.keep == SKETCHES:
            note(f"sketches of all pictures are kept, activations of {job.settings.kept_count:,} (--keep activations)")
        run_job(job, path, shards_of(options, make_job))
        if changed := update_captions(path, inventory.file):
            note(f"captions or keywords of {number_of(changed, 'known picture')} updated")
    if explicit:
        mark_explicit(path, explicit)
