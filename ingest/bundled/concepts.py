"""The 1,373 concepts: names, code points, keywords of emoji (emojibase, MIT), and which names are shown as words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from ingest.assets import ASSETS
from ingest.network.architectures import BUNDLED_MODEL

READABLE_LETTERS = range(3, 13)  # lengths of names that are shown as words, counting the space
READABLE_WORDS = 2  # the most words of such a name
_FIRST_SYMBOL = "atm sign"  # the first, in Unicode's order, of the signs, letters and arrows
_SIDED = re.compile(r"left|right|moon|globe|points|medal|heart with arrow")
_COLOUR = re.compile(r"\b(red|pink|orange|yellow|green|blue|purple|brown|black|grey|white)\b")


@dataclass(frozen=True)
class Concept:
    """One emoji. code_points: lower-case hexadecimal, joined by dashes, without the variation selector fe0f."""

    name: str
    code_points: str
    keywords: tuple[str, ...]

    @property
    def is_readable(self) -> bool:
        """Whether its name has Latin letters only and is short enough to be read in a small picture."""
        letters = self.name.replace(" ", "")
        few_words = len(self.name.split()) <= READABLE_WORDS
        return few_words and letters.isascii() and letters.isalpha() and len(self.name) in READABLE_LETTERS

    @property
    def is_told_by_colour(self) -> bool:
        """Whether its name says a colour, so that another colour would make it another concept."""
        return _COLOUR.search(self.name) is not None


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts in the model's order: a concept's index is its place here."""
    rows = json.loads((ASSETS / BUNDLED_MODEL / "concepts.json").read_text(encoding="utf-8"))
    return tuple(Concept(row["name"], without_variation(row["hexcode"]), tuple(row["tags"])) for row in rows)


def readable_indices() -> list[int]:
    """Indices of the concepts whose names are shown as words."""
    return [index for index, concept in enumerate(concepts()) if concept.is_readable]


def is_sided() -> tuple[bool, ...]:
    """Whether a mirror would change what each concept shows: signs, letters, left and right, the moon."""
    names = [concept.name for concept in concepts()]
    first_symbol = names.index(_FIRST_SYMBOL)
    return tuple(index >= first_symbol or _SIDED.search(name) is not None for index, name in enumerate(names))


def without_variation(code_points: str) -> str:
    """`2764-FE0F` and `2764` are one emoji: lower case, without fe0f."""
    return "-".join(part for part in code_points.lower().split("-") if part != "fe0f")
