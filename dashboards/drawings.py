"""Small drawings as markup: kernels as heat maps, histograms, bars, the shortcut equation.

Colours lie in style.css (both themes); green excites, red inhibits, and a sign or a notch says it once more.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np
from PIL import Image

from dashboards.elements import text

_GREEN, _RED = (27, 133, 96), (186, 48, 45)  # both readable on white and on the dark page
_CELL_PX = 8
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Histogram:
    """One histogram. counts: one a bin, bins of equal width. zero: where zero lies, as a share of the width, None when
    outside. scale: what is written under its left and right ends. outline: another distribution over the same bins,
    drawn as a line at the bars' own scale."""

    counts: Sequence[int]
    title: str = ""
    caption: str = ""
    zero: float | None = 0.5
    scale: tuple[str, str] | None = None
    outline: Sequence[int] = ()

    @property
    def line(self) -> list[float]:
        """The outline as counts of as many as the bars stand for."""
        factor = (sum(self.counts) or sum(self.outline)) / (sum(self.outline) or 1)
        return [count * factor for count in self.outline]


def signed(value: float | None) -> str:
    """Markup of a number with its sign, three significant digits, green or red."""
    if value is None:
        return ""
    look = "cw-excites" if value > 0 else "cw-inhibits" if value < 0 else ""
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return f'<span class="{look}">{sign}{escape(text(abs(float(value))))}</span>'


def heat_map(kernel: Sequence[float], height: int, width: int, side_px: int = 30, label: str = "") -> str:
    """Markup of a kernel [height * width], row by row: green excites, red with a notch in each cell inhibits."""
    cells = np.asarray(kernel, dtype=np.float32).reshape(height, width)
    uri = base64.b64encode(_png(cells)).decode()
    largest = max(height, width)
    size = f"width:{side_px * width / largest:.0f}px;height:{side_px * height / largest:.0f}px"
    return (
        f'<img class="cw-kernel" style="{size}" alt="{escape(label or "kernel")}" src="data:image/png;base64,{uri}" '
        f'title="{escape(label)}">'
    )


def no_heat_map(reason: str, side_px: int = 30) -> str:
    """Markup that stands where no kernel is stored, with the reason as a tooltip."""
    size = f"width:{side_px}px;height:{side_px}px"
    said = escape(reason)
    return f'<span class="cw-kernel cw-none" style="{size}" title="{said}" role="img" aria-label="{said}">–</span>'


def histogram(drawn: Histogram, most: int | None = None, height_px: int = 56) -> str:
    """Markup of one histogram. most: the count that fills the height; a taller bar is cut, with a notched top."""
    tallest = max(most or max([*drawn.counts, *drawn.line], default=0), 1)
    bars = "".join(
        f'<i style="height:{min(100 * count / tallest, 100):.2f}%"{" data-cut" if count > tallest else ""}></i>'
        for count in drawn.counts
    )
    bars += _outline([min(count / tallest, 1.0) for count in drawn.line])
    mark = "" if drawn.zero is None else f'<b style="left:{drawn.zero:.2%}"></b>'
    said = f"histogram {drawn.title} {drawn.caption}".strip()
    title = f"<figcaption>{escape(drawn.title)}</figcaption>" if drawn.title else ""
    ends = "".join(f"<span>{escape(end)}</span>" for end in drawn.scale or ())
    scale = f'<div class="cw-scale">{ends}</div>' if ends else ""
    caption = f"<small>{escape(drawn.caption)}</small>" if drawn.caption else ""
    return (
        f'<figure class="cw-histogram">{title}'
        f'<div class="cw-bins" role="img" aria-label="{escape(said)}" style="height:{height_px}px">{bars}{mark}</div>'
        f"{scale}{caption}</figure>"
    )


def _outline(shares: Sequence[float]) -> str:
    """Markup of a line in steps over the bars; shares: its height in each bin, 0 to 1."""
    if not shares:
        return ""
    width = 100 / len(shares)
    steps = "".join(
        f'<u style="left:{width * place:.2f}%;width:{width:.2f}%;bottom:{100 * share:.2f}%"></u>'
        for place, share in enumerate(shares)
    )
    rises = "".join(
        f'<s style="left:{width * place:.2f}%;bottom:{100 * min(pair):.2f}%;'
        f'height:{100 * (max(pair) - min(pair)):.2f}%"></s>'
        for place, pair in enumerate(pairwise(shares), start=1)
        if pair[0] != pair[1]
    )
    return f'<span class="cw-outline">{steps}{rises}</span>'


def second_peak(counts: Sequence[int]) -> int:
    """The height of an axis: a spike at zero, usual after a ReLU, is cut so that the rest can be seen."""
    first, second = [*sorted(counts, reverse=True), 0, 0][:2]
    return first if first <= 4 * second or second == 0 else 2 * second


def small_multiples(
    drawn: Sequence[Histogram], columns: int = 5, height_px: int = 56, *, is_shared: bool = False
) -> str:
    """Markup of histograms side by side. is_shared: one vertical axis for all, where their totals are alike."""
    most = max((max(one.counts, default=0) for one in drawn), default=0) if is_shared else None
    body = "".join(histogram(one, most, height_px) for one in drawn)
    return f'<div class="cw-multiples" style="grid-template-columns:repeat({columns}, minmax(0, 1fr))">{body}</div>'


def bars(rows: Sequence[tuple[str, float]], label: str, digits: int = 2) -> str:
    """Markup of a list of (markup of a name, value): bars from zero, a value below zero red and with its sign."""
    largest = max((abs(value) for _, value in rows), default=0) or 1
    body = "".join(_bar(name, value, largest, digits) for name, value in rows)
    return f'<ol class="cw-bars" aria-label="{escape(label)}">{body}</ol>'


def equation(terms: Sequence[tuple[float | None, str, str]], labels: Sequence[str]) -> str:
    """Markup of 0.85 x picture + 0.15 x picture. terms: (share, markup of a picture, markup of its chip); a share that
    is not known is left out."""
    parts = [
        ("" if share is None else f'<span class="cw-share">{share:.2f} ×</span>')
        + f'<span class="cw-term">{shown}{chip}<small>{escape(label)}</small></span>'
        for (share, shown, chip), label in zip(terms, labels, strict=False)
    ]
    plus = '<span class="cw-share">+</span>'
    return f'<div class="cw-equation">{plus.join(parts)}</div>'


def _bar(name: str, value: float, largest: float, digits: int) -> str:
    look = ' class="cw-below"' if value < 0 else ""
    sign = _MINUS if value < 0 else ""
    return (
        f'<li{look}><span>{name}</span><i style="width:calc((100% - 9.2rem) * {abs(value) / largest:.4f})"></i>'
        f"<small>{sign}{abs(value):.{digits}f}</small></li>"
    )


def _png(cells: np.ndarray) -> bytes:
    """Cells [height, width] as a PNG: opacity is the size, colour and a notch in the middle the sign."""
    largest = float(np.abs(cells).max()) or 1.0
    opacity = np.kron(np.abs(cells) / largest, np.ones((_CELL_PX, _CELL_PX)))
    negative = np.kron(cells < 0, np.ones((_CELL_PX, _CELL_PX), dtype=bool))
    notch = np.zeros((_CELL_PX, _CELL_PX), dtype=bool)
    notch[_CELL_PX // 2 - 1 : _CELL_PX // 2 + 1, 2:-2] = True
    opacity = np.where(negative & np.tile(notch, cells.shape), opacity * 0.45, opacity)
    pixels = np.empty((*opacity.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(negative[..., None], _RED, _GREEN)
    pixels[..., 3] = np.round(255 * opacity)
    written = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(written, "PNG")
    return written.getvalue()
