"""How messages say a number of things."""

from __future__ import annotations


def number_of(count: int, noun: str, plural: str = "") -> str:
    """The count before its noun: 1 layer, 2,048 units. plural: where it is not the noun and an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
