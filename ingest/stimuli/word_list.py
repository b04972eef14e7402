"""Which words to show: the most common English ones, or a person's own list; and which of them are explicit."""

from __future__ import annotations

import json
import unicodedata
from functools import cache

from ingest.assets import ASSETS
from warehouse.errors import UsageError

DEFAULT_BASELINE = "eeeeee"  # the article's text without a meaning, subtracted in the channel difference engine
_EXPLICIT_WORDS = ASSETS / "explicit-words" / "en.json"
_ONE_LETTER_WORDS = {"a", "i"}


def common_words(count: int) -> list[str]:
    """The `count` most common English words, most common first, from wordfreq.

    Its list also has symbols, digits, emoji, single letters and other scripts: those are not words and are left out.
    Raises UsageError when there are fewer words.
    """
    from wordfreq import iter_wordlist

    if count < 1:
        raise UsageError(f"--count {count}: take 1 or more")
    words: list[str] = []
    for word in iter_wordlist("en"):
        if len(words) == count:
            break
        if is_word(word):
            words.append(word)
    if len(words) < count:
        raise UsageError(f"--count {count}: the list holds {len(words):,} words")
    return words


def is_word(text: str) -> bool:
    """Whether a text is one word in Latin letters, an apostrophe inside allowed (don't)."""
    letters = text.replace("'", "", 1) if "'" in text[1:-1] else text
    if len(letters) == 1 and letters not in _ONE_LETTER_WORDS:
        return False
    return letters.isalpha() and all(_is_latin(character) for character in letters)


def is_explicit(text: str) -> bool:
    """Whether a text, or a word of it with or without its ending, is in the bundled list of explicit words."""
    listed = _explicit_words()
    words = text.lower().split()
    return text.lower() in listed or any(not listed.isdisjoint(_stems(word)) for word in words)


def _stems(word: str) -> set[str]:
    word = word.strip(".,!?'\"")
    return {word, *(word.removesuffix(suffix) for suffix in ("s", "es", "ed", "er", "ers", "ing", "in"))}


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN ")


@cache
def _explicit_words() -> frozenset[str]:
    return frozenset(json.loads(_EXPLICIT_WORDS.read_text(encoding="utf-8")))
