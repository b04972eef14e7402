"""An answer to any statement: how its columns are written, what is hidden in it, how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

import altair as alt
import polars as pl
from polars import selectors

from dashboards.markup import chips, numbers
from dashboards.markup.naming import Named
from dashboards.widgets.tables import Column

HIDDEN = "▒▒▒▒"
CHARTS = ("bars", "line", "points", "histogram")
_CELL_CHARACTERS = 100
_MOST_BARS = 60
_CHART_PX = 330
_MANY_POINTS = 5_000
_INK = "#8f6f9b"  # a purple grey with enough contrast on both themes' pages


def hidden(rows: pl.DataFrame, words: Collection[str]) -> pl.DataFrame:
    """The rows with each of the words masked wherever it occurs in a text."""
    if not words:
        return rows
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = rf"(?i)\b(?:{either})\b"
    masked = pl.element().str.replace_all(pattern, HIDDEN)
    return rows.with_columns(
        selectors.string().str.replace_all(pattern, HIDDEN), selectors.by_dtype(pl.List(pl.String)).list.eval(masked)
    )


def columns(rows: pl.DataFrame, called: Mapping[str, Named]) -> list[Column]:
    """How each column of any answer is written: numbers on the right, addresses and long texts recognised.

    called: address -> name of the units that have one.
    """
    return [_column(name, dtype, called) for name, dtype in rows.schema.items()]


def _column(name: str, dtype: pl.DataType, called: Mapping[str, Named]) -> Column:
    if dtype.is_integer() and name.endswith("_id"):
        return Column(name, name, "number", lambda value: "" if value is None else str(value))
    if dtype.is_numeric():
        return Column(name, name, "number", numbers.text)
    if name.endswith(("unit", "unit_name")):
        of_this_model = {} if name.startswith("other_") else called
        return Column(name, name, draw=lambda unit: chips.unit(unit, called=of_this_model.get(unit)))
    if name.endswith(("layer", "layer_name")):
        return Column(name, name, draw=chips.layer)
    return Column(name, name, write=_short)


def _short(value: object) -> str:
    """A value cut to what a cell holds; a blob as its size."""
    if isinstance(value, bytes):
        return f"blob, {numbers.file_size(len(value))}"
    written = numbers.text(value)
    return written if len(written) <= _CELL_CHARACTERS else f"{written[: _CELL_CHARACTERS - 1]}…"


def axes(rows: pl.DataFrame, kind: str) -> tuple[str, str]:
    """The columns that a chart of this kind shows at first: across and upwards."""
    counts = {name: rows[name].n_unique() for name, dtype in rows.schema.items() if not dtype.is_nested()}
    numbers = sorted(rows.select(selectors.numeric()).columns, key=lambda name: (counts[name] == 1, _is_key(name)))
    names = sorted(counts.keys() - set(numbers), key=lambda name: -counts[name])
    if kind == "histogram":
        return numbers[0], numbers[0]
    if kind == "points":
        return (numbers[0], numbers[1]) if len(numbers) > 1 else ((names or numbers)[0], numbers[0])
    keys = [name for name in numbers[1:] if counts[name] > 1 and _is_key(name)]
    order = names + numbers[1:] if kind == "bars" else keys + numbers[1:] + names
    return (order or numbers)[0], numbers[0]


def chart(rows: pl.DataFrame, kind: str, across: str, upwards: str) -> alt.Chart:
    """A chart of an answer; bars keep the answer's order and show its first rows."""
    drawn = rows.select(_plain(rows, across, "across"), _plain(rows, upwards, "upwards"))
    values = drawn.head(_MOST_BARS if kind == "bars" else _MANY_POINTS).to_dicts()
    base = alt.Chart(alt.Data(values=values)).properties(height=_CHART_PX)
    figure: alt.Chart
    x = alt.X("across", type=_type(rows, across), title=across)
    y = alt.Y("upwards", type="quantitative", title=upwards)
    if kind == "histogram":
        row_count = alt.Y("count()", type="quantitative", title="rows")
        figure = base.mark_bar(color=_INK).encode(x.bin(maxbins=60), row_count)
        return figure
    tips = [
        alt.Tooltip("across", type=_type(rows, across), title=across),
        alt.Tooltip("upwards", type="quantitative", title=upwards),
    ]
    if kind == "bars":
        ordered = alt.X("across", type="nominal", title=across, sort=None)
        figure = base.mark_bar(color=_INK).encode(ordered, y, tooltip=tips)
    elif kind == "line":
        figure = base.mark_line(color=_INK, strokeWidth=1.5).encode(x, y, tooltip=tips)
    else:
        figure = base.mark_circle(color=_INK, size=22, opacity=0.6).encode(x, y, tooltip=tips)
    return figure


def _is_key(name: str) -> bool:
    return name.endswith(("_id", "_rank", "_index", "_order"))


def _plain(rows: pl.DataFrame, name: str, called: str) -> pl.Expr:
    """A column as JSON can hold it: finite numbers, else text."""
    if not rows.schema[name].is_numeric():
        return pl.col(name).cast(pl.String).alias(called)
    number = pl.col(name).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number).alias(called)


def _type(rows: pl.DataFrame, name: str) -> Literal["quantitative", "temporal", "nominal"]:
    dtype = rows.schema[name]
    if dtype.is_numeric():
        return "quantitative"
    return "temporal" if dtype in (pl.Date, pl.Datetime) else "nominal"
