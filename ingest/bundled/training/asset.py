"""Replaces the bundled model by newly trained weights: the last step of `make bundled-model`.

`python -m ingest.bundled.training.asset WORK` writes the weights, the config, the picture set, the word list and the
evaluation's figures, and puts the figures into the model card. People write what the card says about the training.
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
    """Replace weights and config by those of a finished training in `work`, and evaluate them."""
    for name in (WEIGHTS_NAME, CONFIG_NAME):
        shutil.copyfile(work / "model" / name, ASSET / name)
    write_picture_set(work / "npm" / "node_modules")
    write_word_list()
    write_figures()


def write_figures() -> None:
    """Evaluate the bundled model, and write the figures beside it and into its card."""
    FIGURES.write_text(
        figures_json(evaluate(load_model(BUNDLED_MODEL), caption_embeddings(BUNDLED_MODEL))) + "\n", encoding="utf-8"
    )
    write_measured(CARD, FIGURES)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    write_asset(parser.parse_args().work)
