"""Histograms as markup, one or many side by side. Colours are in style.css, for both themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from dashboards.markup.numbers import percent
from warehouse.wording import number_of


@dataclass(frozen=True)
class Histogram:
    """One histogram. counts: one per bin, bins of equal width. zero: where zero lies, as a share of the width, None if
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
        """The outline, scaled to the total count of the bars."""
        factor = (sum(self.counts) or sum(self.outline)) / (sum(self.outline) or 1)
        return [count * factor for count in self.outline]


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


def is_mostly_silent(positive_share: float | None) -> bool:
    """Whether most pictures leave a unit at zero or below, so that one bar for them hides the rest; None: not known."""
    return positive_share is not None and positive_share < 0.5


def split_at_zero(silent: int, counts: Sequence[int], scale: tuple[str, str], height_px: int = 56) -> str:
    """Markup of one bar for everything at zero or below, beside the bins above zero; each has its own axis."""
    total = silent + sum(counts)
    said = f"{sum(counts):,} of {number_of(total, 'kept picture')} above zero"
    zero = Histogram([silent], caption=percent(silent / total, 1), zero=None, scale=("≤ 0", ""))
    above = Histogram(counts, caption=said, zero=None, scale=scale)
    return f'<div class="cw-split">{histogram(zero, height_px=height_px)}{histogram(above, height_px=height_px)}</div>'


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
    """Markup of histograms side by side. is_shared: one vertical axis for all, if their totals are similar."""
    most = max((max(one.counts, default=0) for one in drawn), default=0) if is_shared else None
    body = "".join(histogram(one, most, height_px) for one in drawn)
    return f'<div class="cw-multiples" style="grid-template-columns:repeat({columns}, minmax(0, 1fr))">{body}</div>'
