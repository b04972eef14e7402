"""Scatter plots as markup. Colours are in pages.css; every value is escaped here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from dashboards.markup.numbers import written
from warehouse.wording import number_of

_LABEL_PX, _CHARACTER_PX, _USUAL_PX = 14, 7.0, 470
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


def ticks(chosen: Axis, most: int = 6) -> list[float]:
    """Round numbers on an axis, at most `most`."""
    low, high = chosen.low, chosen.high
    width = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(width))
    step = next(power * step for step in _STEPS if power * step >= width * (1 - 1e-9))
    first = math.ceil(low / step)
    return [round(index * step, 12) for index in range(first, math.floor(high / step) + 1)]


def plot(
    points: Sequence[Point], across: Axis, upwards: Axis, *, height_px: int = 300, is_diagonal: bool = False
) -> str:
    """Markup of a scatter plot as wide as its place. is_diagonal: a line where both are equal; give both one axis."""
    marks = [f'<i class="cw-x" style="left:{_at(across, tick)}">{_tick(tick)}</i>' for tick in ticks(across)]
    marks += [f'<i class="cw-y" style="bottom:{_at(upwards, tick)}">{_tick(tick)}</i>' for tick in ticks(upwards)]
    dots = "".join(_dot(point, across, upwards) for point in points)
    labels = "".join(_labels(points, across, upwards, height_px))
    said = f"{upwards.title} against {across.title}, {number_of(len(points), 'point')}"
    look = "cw-plot cw-diagonal" if is_diagonal else "cw-plot"
    return (
        f'<figure class="{look}" aria-label="{escape(said)}"><figcaption>{escape(upwards.title)}</figcaption>'
        f'<div style="height:{height_px}px">{"".join(marks)}{dots}{labels}</div>'
        f"<figcaption>{escape(across.title)}</figcaption></figure>"
    )


def _labels(points: Sequence[Point], across: Axis, upwards: Axis, height_px: int) -> Iterator[str]:
    """Labels in the order of the points, without those that would cover an earlier one on a plot of usual width."""
    taken: list[tuple[float, float, float]] = []
    for point in points:
        if not point.label:
            continue
        wide, x, y = len(point.label) * _CHARACTER_PX, across.share(point.x) * _USUAL_PX, upwards.share(point.y)
        is_left = x + wide > _USUAL_PX
        start, top = (x - wide if is_left else x), y * height_px
        if any(start < right and left < start + wide and abs(top - known) < _LABEL_PX for left, right, known in taken):
            continue
        taken.append((start, start + wide, top))
        look = "cw-name cw-left" if is_left else "cw-name"
        yield _placed(point, across, upwards, look, escape(point.label))


def _dot(point: Point, across: Axis, upwards: Axis) -> str:
    return _placed(point, across, upwards, "cw-dot", "")


def _placed(point: Point, across: Axis, upwards: Axis, look: str, content: str) -> str:
    place = f'style="left:{_at(across, point.x)};bottom:{_at(upwards, point.y)}" title="{escape(point.title)}"'
    if point.href is None:
        return f'<span class="{look}" {place}>{content}</span>'
    # The tab key skips the dots, which are hundreds; the same units are in the lists beside the plot.
    return f'<a class="{look}" data-cw-link="" tabindex="-1" href="{escape(point.href)}" {place}>{content}</a>'


def _at(chosen: Axis, value: float) -> str:
    return f"{100 * chosen.share(value):.2f}%"


def _tick(value: float) -> str:
    return written(value, "g")
