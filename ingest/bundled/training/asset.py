"""Puts trained weights in the place of the asset: the last step of `make bundled-model`.

`python -m ingest.bundled.training.asset WORK` writes the weights, the config, the picture set, the word list, the
figures that the evaluation measures, and these into the model card. What the card tells of the training is written by
a person.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from ingest.assets import ASSETS
from ingest.bundled.clip import CONFIG_NAME, WEIGHTS_NAME
from ingest.bundled.evaluate import caption_embeddings, evaluate, figures_json
from ingest.bundled.picture_set import write_picture_set, write_word_list
from ingest.bundled.training.card import write_measured
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.model import load_model

ASSET = ASSETS / BUNDLED_MODEL
FIGURES = ASSET / "figures.json"
CARD = ASSET / "MODEL_CARD.md"


def write_asset(work: Path) -> None:
    """Replace weights and config by those of a finished training in `work`, and measure them."""
    for name in (WEIGHTS_NAME, CONFIG_NAME):
        shutil.copyfile(work / "model" / name, ASSET / name)
    write_picture_set(work / "npm" / "node_modules")
    write_word_list()
    write_figures()


def write_figures() -> None:
    """Measure the asset as it is, and keep the figures beside it and in its card."""
    FIGURES.write_text(
        figures_json(evaluate(load_model(BUNDLED_MODEL), caption_embeddings(BUNDLED_MODEL))) + "\n", encoding="utf-8"
    )
    write_measured(CARD, FIGURES)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    write_asset(parser.parse_args().work)
