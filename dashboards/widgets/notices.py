"""What a page says where it has nothing to show: why, and the command that helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape

import streamlit as st

from dashboards.reads import models, warehouse_file
from warehouse.errors import (
    ClipWarehouseError,
    InputError,
    NotAWarehouse,
    QueryError,
    SchemaMismatch,
    WarehouseBusy,
    WarehouseMissing,
)

_COMMAND_PX = 820
FIRST_RUNS = {
    "ingest words": "The 10,000 most common English words into the bundled model",
    "ingest words --model RN50-quickgelu --layers 4/2/6": "OpenAI's RN50, downloaded from the hub, its last layer",
}
_UPDATE = {"migrate": "Rebuilds the views; no data is lost"}
_TITLES: Mapping[type[ClipWarehouseError], str] = {
    WarehouseMissing: "There is no warehouse yet",
    NotAWarehouse: "This file is not a warehouse",
    SchemaMismatch: "This warehouse belongs to another version",
    WarehouseBusy: "Another program is writing the warehouse",
}


def note(said: str) -> None:
    """A quiet line where a block has nothing to show yet."""
    st.html(f'<p class="cw-words cw-quiet">{escape(said)}</p>')


def empty(title: str, reason: str, commands: Mapping[str, str] | None = None) -> None:
    """What is missing and why; the commands that would help, each under what it does."""
    st.html(f'<div class="cw-empty"><h2>{escape(title)}</h2><p>{escape(reason)}</p></div>')
    for verb, does in (commands or {}).items():
        with st.container(gap="xxsmall", width=_COMMAND_PX):
            st.caption(does)
            st.code(warehouse_file.command(verb), language=None, wrap_lines=True)


def missing(reason: str, verb: str, look: str = "") -> None:
    """What a section says when it has nothing to show: why, and the command that fills it."""
    command = escape(models.command(verb))
    st.html(f'<div class="cw-missing {look}"><span>{escape(reason)}</span><code tabindex="0">{command}</code></div>')


def trouble(error: ClipWarehouseError) -> None:
    """An error, in one line, and the next step."""
    title = _TITLES.get(type(error), "This cannot be shown")
    if isinstance(error, WarehouseMissing):
        empty(title, f"Nothing is at {warehouse_file.path()} yet. Make one, and this page fills itself.", FIRST_RUNS)
    elif isinstance(error, WarehouseBusy):
        empty(title, f"{error.args[0].split(': nothing')[0]}. Nothing is lost; this page comes back by itself.")
    elif isinstance(error, QueryError) and warehouse_file.views_are_older():
        note("The rest of this page needs the newer views.")
    else:
        empty(title, str(error))
    st.button("Try again", key="try_again")


def older_views() -> None:
    """Says that the file's views are older than this program, and which command rebuilds them."""
    empty(
        "The views in this file are older than this program",
        "Parts of these pages need newer views and are missing.",
        _UPDATE,
    )


def refused(said: str) -> None:
    """One marked line in place of an answer: why there is none."""
    st.html(f'<div class="cw-refused" role="alert">{escape(said)}</div>')


@contextmanager
def refusals() -> Iterator[None]:
    """Around a part of a page whose question may be refused: the refusal is shown, and the rest of the page stays."""
    try:
        yield
    except InputError as error:
        refused(str(error))
