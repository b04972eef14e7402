"""Which texts pictures are compared with: a person's list, the pictures' captions, or common words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from ingest.stimuli.word_list import common_words
from warehouse.lists import read_list

MOST_NAMES = 10_000
COMMON_WORDS = 2_000


def concept_list(file: str | None, picture_names: Sequence[str]) -> tuple[list[str], str]:
    """The texts of a file, else the captions of pictures, or common words if there are none or too many; and what to
    call them. Raises InputError."""
    if file:
        return read_list(Path(file)), f"texts of {file}"
    if 0 < len(picture_names) <= MOST_NAMES:
        return list(picture_names), "names of pictures"
    return common_words(COMMON_WORDS), "common words"


def concepts_sha256(concepts: Sequence[str]) -> str:
    """Identity of the texts in their order, for the settings of a run."""
    return hashlib.sha256(json.dumps(list(concepts)).encode()).hexdigest()
