"""A small mark that says how true a prediction is; every value is escaped here."""

from __future__ import annotations

from html import escape

from dashboards.markup.numbers import written


def mark(said: str, correlation: float | None, tip: str, href: str) -> str:
    """Markup of a line with a bar: the correlation of predictions with real effects, or that it is not measured.

    said: what the number describes. tip: shown on hover. href: the page that shows the pair of layers.
    """
    share = 0.0 if correlation is None else min(max(correlation, 0.0), 1.0)
    value = written(correlation, ".2f", missing="not measured")
    look = "cw-truth cw-unknown" if correlation is None else "cw-truth"
    return (
        f'<p class="{look}" title="{escape(tip)}"><a class="cw-link" data-cw-link="" href="{escape(href)}">'
        f'<i style="--cw-share:{100 * share:.0f}%"></i><span>{escape(said)}</span> <b>{escape(value)}</b></a></p>'
    )


def unmeasured(what: str, command: str) -> str:
    """Markup of a line that says what else could be shown, and the command that measures it."""
    said = escape(command)
    return f'<p class="cw-truth cw-unknown">{escape(what)}: <code tabindex="0" title="{said}">{said}</code></p>'
