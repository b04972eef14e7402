"""What a search by meaning needs besides the file: the embedding of the text. Imports torch only when called."""

from __future__ import annotations

import json


def text_embedding(
    model_name: str, tag: str, sha256: str, settings: str, dtype: str, text: str, device: str = "auto"
) -> list[float]:
    """A text as a names run's own model reads it, of length 1. settings: of the run, JSON. Raises ModelUnavailable."""
    from ingest.network.device import arithmetic
    from ingest.network.model import load_stored
    from ingest.network.text_side import load_text_side

    side = load_text_side(load_stored(model_name, tag, sha256))
    found: list[float] = side.embeddings([text], arithmetic(device, dtype), json.loads(settings)["template"])[
        0
    ].tolist()
    return found
