"""The table behind a chart as a file: CSV for a spreadsheet, Parquet for a program."""

from __future__ import annotations

import io
from functools import partial

import polars as pl
import streamlit as st
from polars import selectors


def downloads(rows: pl.DataFrame, name: str) -> None:
    """Two quiet buttons; a file is made when one is pressed, not before."""
    for label, mime, make in (
        ("CSV", "text/csv", as_csv),
        ("Parquet", "application/vnd.apache.parquet", as_parquet),
    ):
        st.download_button(
            label,
            partial(make, rows),
            f"{name}.{label.lower()}",
            mime,
            key=f"{label} of {name}",
            on_click="ignore",
            type="tertiary",
        )


def as_csv(rows: pl.DataFrame) -> bytes:
    """Lists as text with commas, structs as JSON, blobs as hexadecimal digits: a CSV cell holds no more."""
    lists = selectors.list() | selectors.array()
    flat = rows.with_columns(
        lists.cast(pl.List(pl.String)).list.join(", ", ignore_nulls=True),
        selectors.struct().struct.json_encode(),
        selectors.binary().bin.encode("hex"),
    )
    return flat.write_csv().encode()


def as_parquet(rows: pl.DataFrame) -> bytes:
    """The rows with their types."""
    file = io.BytesIO()
    rows.write_parquet(file)
    return file.getvalue()
