"""Evaluate a checkpoint on the bundled pictures and words: retrieval, and what its last units respond to."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands.options import model_options
from warehouse.commands.verb import at_home, note
from warehouse.text_table import text_table


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    parser.add_argument(
        "--styles",
        help="picture styles, commas; units are judged on the first; default: all that are shipped, "
        "first twemoji, which training has not seen",
    )
    parser.add_argument(
        "--pictures", type=at_home, metavar="FILE", help="Parquet file of pictures; default: the shipped set"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table or json (%(default)s)")


def run(options: Namespace) -> None:
    from ingest.bundled.evaluate import SHIPPED_STYLES, caption_embeddings, evaluate, figures_json
    from ingest.bundled.picture_set import PICTURE_SET
    from ingest.commands.running import model_of
    from ingest.network.device import arithmetic

    model = model_of(options)
    pictures_file = Path(options.pictures) if options.pictures else PICTURE_SET
    styles = options.styles.split(",") if options.styles else SHIPPED_STYLES
    note(f"{model.label} at {model.image_size_px} px, on pictures of {', '.join(styles)}")
    figures = evaluate(
        model,
        caption_embeddings(options.model, options.pretrained, seed=options.seed),
        styles,
        pictures_file=pictures_file,
        arithmetic=arithmetic(options.device, options.precision),
    )
    print(figures_json(figures) if options.format == "json" else text_table(figures.columns, figures.rows()))
