"""Lists of bars, and the shortcut equation, as markup. Names and pictures come in as markup, escaped already."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboards.markup.numbers import written


def bar_list(rows: Sequence[tuple[str, float]], label: str, digits: int = 2) -> str:
    """Markup of a list of (markup of a name, value): bars from zero, a value below zero red and with its sign."""
    largest = max((abs(value) for _, value in rows), default=0) or 1
    body = "".join(_bar(name, value, largest, digits) for name, value in rows)
    return f'<ol class="cw-bars" aria-label="{escape(label)}">{body}</ol>'


def equation(terms: Sequence[tuple[float | None, str, str]], labels: Sequence[str]) -> str:
    """Markup of 0.85 x picture + 0.15 x picture. terms: (share, markup of a picture, markup of its chip); an unknown
    share is left out."""
    parts = [
        ("" if share is None else f'<span class="cw-share">{share:.2f} ×</span>')
        + f'<span class="cw-term">{shown}{chip}<small>{escape(label)}</small></span>'
        for (share, shown, chip), label in zip(terms, labels, strict=False)
    ]
    plus = '<span class="cw-share">+</span>'
    return f'<div class="cw-equation">{plus.join(parts)}</div>'


def _bar(name: str, value: float, largest: float, digits: int) -> str:
    look = ' class="cw-below"' if value < 0 else ""
    return (
        f'<li{look}><span>{name}</span><i style="width:calc((100% - 9.2rem) * {abs(value) / largest:.4f})"></i>'
        f"<small>{written(value, f'.{digits}f')}</small></li>"
    )
