"""Rows as a table of plain text: numbers to the right, with as many decimals as their column needs."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

_SIGNIFICANT_DIGITS = 4
_SMALLEST, _LARGEST = 1e-6, 1e15


def text_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], width_limit: int = 60) -> str:
    """Aligned text with a header and a rule; a cell longer than `width_limit` characters is cut."""
    names = [_text(name) for name in columns]
    cells = [_column([row[i] for row in rows], width_limit) for i in range(len(names))]
    widths = [max(map(len, [name, *column])) for name, column in zip(names, cells, strict=True)]
    to_right = [any(_is_number(row[i]) for row in rows) for i in range(len(names))]
    lines = [names, [_rule() * width for width in widths], *zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, to_right, strict=True)
        ).rstrip()
        for line in lines
    )


def _rule() -> str:
    """A piece of a horizontal line that the output can show: not every terminal and pipe takes UTF-8."""
    try:
        "─".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "-"
    return "─"


def _column(values: Sequence[Any], width_limit: int) -> list[str]:
    decimals = _decimals([abs(value) for value in values if isinstance(value, float) and math.isfinite(value)])
    return [_cut(_text(value, decimals), width_limit) for value in values]


def _decimals(sizes: Sequence[float]) -> int | None:
    """Decimals that give the largest number four significant digits; None where the column needs powers of ten.

    It does where sizes differ too much to share decimals, or are too small or too large to read otherwise.
    """
    sizes = [size for size in sizes if size > 0]
    if not sizes or max(sizes) > 1e3 * min(sizes) or not _SMALLEST <= max(sizes) < _LARGEST:
        return None
    return max(0, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(max(sizes))))


def _text(value: Any, decimals: int | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{decimals}f}" if decimals is not None else f"{value:.{_SIGNIFICANT_DIGITS}g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return " ".join(str(value).split())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
