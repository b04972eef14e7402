"""Tables as markup with explained headings, and a table's download as CSV or Parquet."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Any

import polars as pl
import polars.selectors as cs
import streamlit as st

from dashboards.markup.numbers import text


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
