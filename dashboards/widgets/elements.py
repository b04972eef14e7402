"""The parts of every page: style, head, sections with their SQL, facts, lists of words.

Every value that goes into HTML is escaped where the markup is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from dashboards.widgets.tables import downloads

_STYLES = (Path(__file__).parent / "style.css", Path(__file__).parent / "pages.css")
_JOINT = "\u00a0· "  # a line breaks after the dot
_APPLICATION = "CLIP circuits"


def tab(*names: str) -> None:
    """The title of the browser's tab: what the page shows, then the page."""
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


def style() -> None:
    """The style sheets: one for all pages, one for parts of single pages."""
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
        help="Explicit words and pictures are blurred until you press one. This reveals them all.",
    ):
        st.html("<style>:root { --cw-blur: 0; }</style>")
