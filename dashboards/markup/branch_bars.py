"""Numbers split by branch, as bars around zero: grey along the shortcut, purple from the last bottleneck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from dashboards.markup.numbers import signed, text

_LOOKS = ("cw-along", "cw-made", "cw-rest")
LEGEND = """<p class="cw-legend cw-branch-legend"><i class="cw-along"></i>shortcut
<i class="cw-made"></i>last bottleneck<i class="cw-rest"></i>rest
<span class="cw-quiet">left: takes away</span></p>"""


@dataclass(frozen=True)
class Split:
    """A number and its parts: along the shortcut, made by the convolutions, the rest. name: markup, escaped already."""

    name: str
    value: float
    parts: tuple[float, float, float]
    note: str = ""


def branch_bars(rows: Sequence[Split], label: str) -> str:
    """Markup of a list of numbers, each with its parts stacked to both sides of a common zero."""
    least = min((sum(part for part in row.parts if part < 0) for row in rows), default=0.0)
    most = max((sum(part for part in row.parts if part > 0) for row in rows), default=0.0)
    reach = (most - least) or 1.0
    body = "".join(_row(row, -least / reach, reach) for row in rows)
    return f'<ol class="cw-branches" aria-label="{escape(label)}">{body}</ol>'


def _row(row: Split, zero: float, reach: float) -> str:
    left = right = zero
    bars = ""
    for part, look in zip(row.parts, _LOOKS, strict=True):
        width = abs(part) / reach
        start = right if part > 0 else left - width
        right, left = (right + width, left) if part > 0 else (right, left - width)
        bars += f'<i class="{look}" style="left:{100 * start:.2f}%;width:{100 * width:.2f}%"></i>'
    names = ("along the shortcut", "made here", "rest")
    said = ", ".join(f"{name} {text(part)}" for name, part in zip(names, row.parts, strict=True))
    note = f'<em title="{escape(row.note)}">{escape(row.note)}</em>' if row.note else ""
    return (
        f'<li title="{escape(said)}"><span>{row.name}</span><b style="--zero:{100 * zero:.2f}%">{bars}</b>'
        f"<small>{signed(row.value)}</small>{note}</li>"
    )
