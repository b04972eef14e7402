"""What pages share: style, heads, sections with their SQL, tables, facts, and what stands where nothing can be shown.

Every value that goes into HTML is escaped here, and only here.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from shlex import quote
from typing import Any

import polars as pl
import polars.selectors as cs
import streamlit as st

from dashboards import models, reads
from warehouse.errors import (
    ClipWarehouseError,
    InputError,
    NotAWarehouse,
    QueryError,
    SchemaMismatch,
    WarehouseBusy,
    WarehouseMissing,
)

_STYLES = (Path(__file__).parent / "style.css", Path(__file__).parent / "pages.css")
_SIGNIFICANT_DIGITS = 3
_JOINT = "\u00a0· "  # a line breaks after the dot
_APPLICATION = "CLIP circuits"
_MINUS = "\N{MINUS SIGN}"
_MINUTE_S, _HOUR_S = 60, 3600
_COMMAND_PX = 820
FIRST_RUNS = {
    "ingest words": "The 10,000 most common English words into the bundled model",
    "ingest words --model RN50-quickgelu --layers 4/2/6": "OpenAI's RN50, downloaded from the hub, its last layer",
}
_UPDATE = {"migrate": "Builds the views anew; no data is lost"}
_TITLES: Mapping[type[ClipWarehouseError], str] = {
    WarehouseMissing: "There is no warehouse yet",
    NotAWarehouse: "This file is no warehouse",
    SchemaMismatch: "This warehouse belongs to another version",
    WarehouseBusy: "Another program is writing the warehouse",
}


def text(value: Any) -> str:
    """A value as one line: thousands separated, floats with three significant digits, nothing for null.

    A negative number has a minus sign, as wide as a plus.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", _MINUS)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(text, value))
    return " ".join(str(value).split())


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: 51 s, 3 min 20 s, 2 h 05 min."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02d} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02d} min"


def file_size(byte_count: int) -> str:
    """Bytes as kB, MB or GB of a thousand each, three significant digits."""
    value, unit = float(byte_count), "kB"
    value /= 1e3
    for larger in ("MB", "GB", "TB"):
        if value < 1e3:
            break
        value, unit = value / 1e3, larger
    return f"{_float(value)} {unit}"


@dataclass(frozen=True)
class Column:
    """A column of a table: where its values come from, its heading, how a value is written.

    look: number (right-aligned), address (a layer or unit), code, quiet, state, line (the rest of the width, cut with
    its whole text as a tooltip) or plain. draw: makes the cell's markup from its value instead of `write`, for chips,
    pictures and drawings; it escapes what it is given.
    """

    name: str
    heading: str
    look: str = "plain"
    write: Callable[[Any], str] = field(default=text)
    draw: Callable[[Any], str] | None = None


def tab(*names: str) -> None:
    """What the browser's tab says: the page with what it shows, the narrowest first."""
    st.set_page_config(page_title=" · ".join([*(name for name in names if name), _APPLICATION]))


def page_head(title: str, answers: str, note: str = "") -> None:
    """The first line of every page: its name, the question it answers, and a quiet note on the right."""
    tab(title)
    st.html(
        f'<header class="cw-head"><h1>{escape(title)}</h1><p>{escape(answers)}</p>'
        f'<span class="cw-note">{escape(note)}</span></header>'
    )


@contextmanager
def section(
    title: str,
    note: str = "",
    *,
    sql: str,
    rows: pl.DataFrame | None = None,
    controls: Callable[[], None] | None = None,
) -> Iterator[None]:
    """A heading with a quiet note and the SQL behind the section in a fold on the right, then the block's content.

    rows: the table behind the section, offered in the fold as CSV and Parquet. controls: draws small boxes that belong
    to the section into its heading's line.
    """
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.html(
                f'<div class="cw-heading"><h2>{escape(title)}</h2>'
                f'<span class="cw-note" title="{escape(note)}">{escape(note)}</span></div>'
            )
            if controls:
                controls()
            with st.popover("SQL", type="tertiary", key=f"sql of {title}"):
                st.code(sql, language="sql", wrap_lines=True)
                if rows is not None and not rows.is_empty():
                    downloads(title, rows)
        yield


def table(
    rows: pl.DataFrame,
    columns: Sequence[Column],
    *,
    label: str,
    comments: Mapping[str, str] | None = None,
    most_px: int | None = None,
    is_narrow: bool = False,
) -> None:
    """Rows as an aligned table.

    comments: tooltip of a heading by column name. most_px: the height beyond which rows scroll under their headings.
    is_narrow: as wide as its content instead of the whole width.
    """
    known = comments or {}
    head = "".join(
        f'<th scope="col" class="cw-{column.look}" title="{escape(known.get(column.name, ""))}">'
        f"{escape(column.heading)}</th>"
        for column in columns
    )
    body = "".join(
        f"<tr>{''.join(_cell(column, row[column.name]) for column in columns)}</tr>"
        for row in rows.iter_rows(named=True)
    )
    shape = "cw-table cw-narrow" if is_narrow else "cw-table"
    limit = f' style="max-height:{most_px}px"' if most_px else ""
    st.html(
        f'<div class="cw-scroll"{limit}><table class="{shape}" aria-label="{escape(label)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def facts(pairs: Mapping[str, str]) -> None:
    """Names and values in two columns."""
    st.html(
        '<dl class="cw-facts">'
        + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs.items())
        + "</dl>"
    )


def words(listed: Sequence[str], more: int) -> None:
    """Words in a row, and how many follow."""
    following = f' <span class="cw-quiet">and {more:,} more</span>' if more > 0 else ""
    st.html(f'<p class="cw-words">{escape(_JOINT.join(listed))}{following}</p>')


def note(said: str) -> None:
    """A quiet line where a block has nothing to show yet."""
    st.html(f'<p class="cw-words cw-quiet">{escape(said)}</p>')


def empty(title: str, reason: str, commands: Mapping[str, str] | None = None) -> None:
    """What is missing and why; the commands that would help, each under what it does."""
    st.html(f'<div class="cw-empty"><h2>{escape(title)}</h2><p>{escape(reason)}</p></div>')
    for verb, does in (commands or {}).items():
        with st.container(gap="xxsmall", width=_COMMAND_PX):
            st.caption(does)
            st.code(f"clip-warehouse {verb} --warehouse {quote(str(reads.file()))}", language=None, wrap_lines=True)


def missing(reason: str, verb: str, look: str = "") -> None:
    """What stands where a section has nothing to show: why, and the command that fills it."""
    command = f"clip-warehouse {verb}{models.options()} --warehouse {quote(reads.file().name)}"
    st.html(
        f'<div class="cw-missing {look}"><span>{escape(reason)}</span><code tabindex="0">{escape(command)}</code></div>'
    )


def trouble(error: ClipWarehouseError) -> None:
    """An error as a person should meet it: one line, and the next step."""
    title = _TITLES.get(type(error), "This cannot be shown")
    if isinstance(error, WarehouseMissing):
        empty(title, f"Nothing at {reads.file()} so far. Make one, and this page fills itself.", FIRST_RUNS)
    elif isinstance(error, WarehouseBusy):
        empty(title, f"{error.args[0].split(': nothing')[0]}. Nothing is lost; this page comes back by itself.")
    elif isinstance(error, QueryError) and reads.views_are_older():
        note("The rest of this page needs the newer views.")
    else:
        empty(title, str(error))
    st.button("Try again", key="try_again")


def older_views() -> None:
    """The file's views are not this program's: some pages will lack a part, and which command mends it."""
    empty(
        "The views in this file are older than this program",
        "What needs the newer ones is missing from these pages.",
        _UPDATE,
    )


def refused(said: str) -> None:
    """What was asked for cannot be: one line, marked, where the answer would stand."""
    st.html(f'<div class="cw-refused" role="alert">{escape(said)}</div>')


@contextmanager
def refusals() -> Iterator[None]:
    """Around a part of a page that may be asked for what cannot be: the rest of the page stays."""
    try:
        yield
    except InputError as error:
        refused(str(error))


def style() -> None:
    """The style sheets: of all pages, and of single ones."""
    for sheet in _STYLES:
        st.html(sheet)


def markup(made: str, *, is_narrow: bool = False) -> None:
    """Markup from chips, pictures or drawings, whose values are escaped already.

    is_narrow: as wide as its content instead of the whole width.
    """
    st.html(made, width="content" if is_narrow else "stretch")


def reveal_switch() -> None:
    """The session's switch that shows explicit words and pictures unblurred, on every page."""
    if st.toggle(
        "Reveal explicit",
        key="reveals_explicit",
        help="Explicit words and pictures: blurred until you press one, or all here.",
    ):
        st.html("<style>:root { --cw-blur: 0; }</style>")


def downloads(title: str, rows: pl.DataFrame) -> None:
    """Two buttons that make the file when they are pressed."""
    name = "-".join(re.findall(r"\w+", title.lower()))
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV", partial(_csv, rows), f"{name}.csv", "text/csv", key=f"csv of {title}", on_click="ignore"
        )
        st.download_button(
            "Parquet", partial(_parquet, rows), f"{name}.parquet", key=f"parquet of {title}", on_click="ignore"
        )


def _csv(rows: pl.DataFrame) -> bytes:
    """Pictures as base64, lists as their parts with spaces between, structs as JSON."""
    flat = rows.with_columns(
        cs.binary().bin.encode("base64"),
        (cs.list() | cs.array()).cast(pl.List(pl.String)).list.join(" "),
        cs.struct().struct.json_encode(),
    )
    return flat.write_csv().encode()


def _parquet(rows: pl.DataFrame) -> bytes:
    made = io.BytesIO()
    rows.write_parquet(made)
    return made.getvalue()


def _cell(column: Column, value: Any) -> str:
    if column.draw:
        return f'<td class="cw-{column.look}">{column.draw(value)}</td>'
    written = escape(column.write(value))
    extra = {"state": f' data-state="{written}"', "line": f' title="{written}"'}.get(column.look, "")
    return f'<td class="cw-{column.look}"{extra}>{written}</td>'


def _float(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    decimals = max(0, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace("-", _MINUS)
