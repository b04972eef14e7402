"""Larger drawings as inline SVG: scatter plots and heat maps. Colours lie in pages.css; every value is escaped here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dashboards.elements import text

_LEFT, _BOTTOM, _TOP, _RIGHT = 46, 36, 12, 12
_LABEL_PX = 13
_CHARACTER_PX = 6.6
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Point:
    """A point of a scatter plot. title: what hovering says. label: written beside it where there is room."""

    x: float
    y: float
    title: str
    href: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Axis:
    title: str
    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def axis(title: str, values: Sequence[float]) -> Axis:
    """An axis around the values, zero included where it is near."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low > 0 and low < 0.5 * high:
        low = 0.0
    room = 0.04 * (high - low) or 0.5
    return Axis(title, low - room if low else low - room / 2, high + room)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers inside an interval, at most `most`."""
    width = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(width))
    step = next(power * step for step in _STEPS if power * step >= width * (1 - 1e-9))
    first = math.ceil(low / step)
    return [round(index * step, 12) for index in range(first, math.floor(high / step) + 1)]


def scatter(
    points: Sequence[Point],
    across: Axis,
    upwards: Axis,
    *,
    width: int = 460,
    height: int = 320,
    is_diagonal: bool = False,
) -> str:
    """Markup of a scatter plot. is_diagonal: a dashed line where both values are equal."""

    def x(value: float) -> float:
        return _LEFT + across.share(value) * (width - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return height - _BOTTOM - upwards.share(value) * (height - _BOTTOM - _TOP)

    parts = _frame(across, upwards, x, y, width, height)
    if is_diagonal:
        ends = max(across.low, upwards.low), min(across.high, upwards.high)
        if ends[0] < ends[1]:
            parts.append(_line(x(ends[0]), y(ends[0]), x(ends[1]), y(ends[1]), "cw-dashed"))
    parts += [_dot(point, x(point.x), y(point.y)) for point in points]
    parts += _labels(points, x, y, width)
    said = f"{upwards.title} against {across.title}, {len(points)} points"
    return (
        f'<svg class="cw-plot" viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" '
        f'aria-label="{escape(said)}">{"".join(parts)}</svg>'
    )


def heat_table(
    values: Mapping[tuple[str, str], float],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    ends: tuple[float, float],
    hrefs: Mapping[tuple[str, str], str] | None = None,
    chosen: tuple[str, str] | None = None,
    label: str,
) -> str:
    """Markup of a table whose cells are shaded from the lower to the upper end; a missing pair stays empty."""
    head = "".join(f'<th scope="col"><span>{escape(column)}</span></th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(_shaded((row, column), values, ends, (hrefs or {}).get((row, column)), chosen) for column in columns)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="cw-scroll"><table class="cw-heat" aria-label="{escape(label)}">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _shaded(
    pair: tuple[str, str],
    values: Mapping[tuple[str, str], float],
    ends: tuple[float, float],
    href: str | None,
    chosen: tuple[str, str] | None,
) -> str:
    value = values.get(pair)
    if value is None:
        return "<td></td>"
    share = min(max((value - ends[0]) / ((ends[1] - ends[0]) or 1), 0.0), 1.0)
    said = escape(f"{pair[0]} to {pair[1]}: {text(value)}")
    link = f'<a data-cw-link="" href="{escape(href)}" aria-label="{said}"></a>' if href else ""
    look = ' class="cw-chosen"' if pair == chosen else ""
    return f'<td{look} style="--cw-share:{100 * share:.1f}%" title="{said}">{link}</td>'


def _frame(across, upwards, x, y, width: int, height: int) -> list[str]:  # type: ignore[no-untyped-def]
    """Axes with ticks and titles."""
    parts = [
        _line(_LEFT, height - _BOTTOM, width - _RIGHT, height - _BOTTOM, "cw-axis"),
        _line(_LEFT, _TOP, _LEFT, height - _BOTTOM, "cw-axis"),
    ]
    across_ticks, upward_ticks = ticks(across.low, across.high), ticks(upwards.low, upwards.high)
    parts += [_said(x(tick), height - _BOTTOM + 14, _tick(tick), "middle") for tick in across_ticks]
    parts += [_said(_LEFT - 6, y(tick) + 4, _tick(tick), "end") for tick in upward_ticks]
    parts.append(_said(width - _RIGHT, height - 4, across.title, "end", "cw-title"))
    parts.append(_said(_LEFT + 6, _TOP + 2, upwards.title, "start", "cw-title"))
    return parts


def _labels(points, x, y, width: int) -> list[str]:  # type: ignore[no-untyped-def]
    """Labels in the order of the points, each only where no earlier one stands."""
    taken: list[tuple[float, float, float]] = [(_LEFT, _LEFT + 160, _TOP + 2)]
    parts = []
    for point in points:
        if not point.label:
            continue
        wide = len(point.label) * _CHARACTER_PX
        is_left = x(point.x) + wide + 6 > width - _RIGHT
        start, height = x(point.x) - 5 - wide if is_left else x(point.x) + 5, y(point.y) + 4
        if any(start < right and left < start + wide and abs(height - top) < _LABEL_PX for left, right, top in taken):
            continue
        taken.append((start, start + wide, height))
        said = _said(start, height, point.label, "start", "cw-label-of-point")
        parts.append(_linked(said, point.href))
    return parts


def _dot(point: Point, x: float, y: float) -> str:
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4"><title>{escape(point.title)}</title></circle>'
    return _linked(dot, point.href)


def _linked(drawn: str, href: str | None) -> str:
    return f'<a data-cw-link="" href="{escape(href)}">{drawn}</a>' if href else drawn


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line class="{look}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _said(x: float, y: float, said: str, anchor: str, look: str = "cw-tick") -> str:
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
