"""The npm packages that pictures and words are made from; `python -m ingest.bundled.training.packages` lists them."""

from __future__ import annotations

from ingest.bundled.styles import STYLES
from ingest.bundled.words import FONT_FAMILIES, FONT_SCOPE

# The versions that the shipped picture set and weights were made with. Another version may draw an emoji differently.
VERSIONS = {
    "noto": "1.2.9",
    "noto-v1": "1.2.5",
    "fluent-emoji-flat": "1.2.6",
    "fluent-emoji": "1.2.7",
    "emojione": "1.2.3",
    "fxemoji": "1.2.2",
    "streamline-emojis": "1.2.4",
    "twemoji": "1.2.5",
    "openmoji": "1.2.29",
}


def packages() -> list[str]:
    """Package names with versions, emoji first, then fonts (5.x)."""
    emoji = [f"{style.package}@{VERSIONS[style.style]}" for style in STYLES]
    return [*emoji, *(f"{FONT_SCOPE}/{family}@5" for family in FONT_FAMILIES)]


if __name__ == "__main__":
    print(*packages())
