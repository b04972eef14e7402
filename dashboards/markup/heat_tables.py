"""Tables whose cells are shaded by their value, as markup. Colours are in pages.css; every value is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dashboards.markup.numbers import text


def heat_table(
    values: Mapping[tuple[str, str], float],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    ends: tuple[float, float],
    hrefs: Mapping[tuple[str, str], str] | None = None,
    chosen: tuple[str, str] | None = None,
    label: str,
    is_written: bool = False,
) -> str:
    """Markup of a table whose cells are shaded from the lower to the upper end; a missing pair stays empty.

    is_written: whether each cell also has its value written in it; else the scale of colours is drawn in the lower
    left, where tables of lower and upper layers are empty.
    """
    head = "".join(f'<th scope="col"><span>{escape(column)}</span></th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(
            _shaded((row, column), values, ends, (hrefs or {}).get((row, column)), chosen, is_written)
            for column in columns
        )
        + "</tr>"
        for row in rows
    )
    look = "cw-heat cw-written" if is_written else "cw-heat"
    return (
        f'<div class="cw-scroll"><table class="{look}" aria-label="{escape(label)}">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>{'' if is_written else _ramp(ends)}</div>"
    )


def _ramp(ends: tuple[float, float]) -> str:
    """The colours of a heat map from its lower to its upper end."""
    low, high = (escape(text(end)) for end in ends)
    return f'<p class="cw-ramp"><span>≤ {low}</span><i></i><span>≥ {high}</span></p>'


def _shaded(
    pair: tuple[str, str],
    values: Mapping[tuple[str, str], float],
    ends: tuple[float, float],
    href: str | None,
    chosen: tuple[str, str] | None,
    is_written: bool,
) -> str:
    value = values.get(pair)
    if value is None:
        return "<td></td>"
    share = min(max((value - ends[0]) / ((ends[1] - ends[0]) or 1), 0.0), 1.0)
    said = escape(f"{pair[0]} to {pair[1]}: {text(value)}")
    written = f"<span>{text(value)}</span>" if is_written else ""
    content = f'<a data-cw-link="" href="{escape(href)}" aria-label="{said}">{written}</a>' if href else written
    look = ' class="cw-chosen"' if pair == chosen else ""
    return f'<td{look} style="--cw-share:{100 * share:.1f}%" title="{said}">{content}</td>'
