"""The verb that judges a checkpoint on the bundled pictures and words."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ingest.bundled.evaluate import SHIPPED_STYLES, caption_embeddings, evaluate, figures_json
from ingest.bundled.picture_set import PICTURE_SET
from ingest.commands.running import named, note
from ingest.network.device import arithmetic
from ingest.network.model import load_model
from warehouse.text_table import text_table


def judge(options: Namespace, path: Path) -> None:
    model = load_model(options.model, options.pretrained, seed=options.seed)
    pictures_file = Path(options.pictures) if options.pictures else PICTURE_SET
    styles = options.styles.split(",") if options.styles else SHIPPED_STYLES
    note(f"{named(model)} at {model.image_size_px} px, on pictures of {', '.join(styles)}")
    found = evaluate(
        model,
        caption_embeddings(options.model, options.pretrained, seed=options.seed),
        styles,
        pictures_file=pictures_file,
        where=arithmetic(options.device, options.precision),
    )
    if options.format == "json":
        print(figures_json(found))
    else:
        print(text_table(found.columns, found.rows()))
