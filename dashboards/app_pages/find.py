"""Find: the units that a text describes, each with the reasons."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import live
from dashboards.markup import chips, naming, pictures
from dashboards.reads import models, questions, units
from dashboards.reads import naming as named
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column
from warehouse.errors import InputError

_MOST = 20
_FACE_PX = 40


def _embedding() -> list[float]:
    """The text's embedding by the names run's model; empty if no run needs it or the model cannot be loaded."""
    found = questions.answer("find/run", runs=models.runs("names"), text=asked).rows
    if found.is_empty() or found["is_concept"][0]:
        return []
    try:
        with st.spinner("Reading the text with the model"):
            return [round(value, 5) for value in live.text_embedding(found["run_id"][0], asked)]
    except InputError as error:
        notices.note(f"Not searched by meaning: {error}")
        return []


def _found() -> None:
    answer = questions.answer(
        "find/units",
        text=asked,
        embedding=_embedding(),
        runs=models.runs("names") + models.runs("words"),
        model=models.chosen(),
        most=_MOST,
    )
    ours = answer.rows.filter(pl.col("model_id").is_not_null())
    published = answer.rows.filter(pl.col("model_id").is_null())
    with elements.section("Units", models.chosen_label(), sql=answer.sql, rows=answer.rows):
        if ours.height:
            _table(ours)
        else:
            notices.note("No unit fits this text.")
    if not models.runs("names"):
        notices.missing("No names yet: units are found by address, by words and in published lists", "ingest names")
    if published.height:
        with elements.section("As published", "of OpenAI’s models", sql=answer.sql, rows=published):
            columns = [Column("model_name", "model"), Column("unit_name", "unit", "address"), _WHY]
            tables.table(_explained(published), columns, label="Published units")


def _table(found: pl.DataFrame) -> None:
    ids = units.unit_ids(found["unit_name"].to_list())
    faces, called = units.faces(ids.values()), named.names(found["unit_name"])
    by_name = {name: faces.get(unit_id) for name, unit_id in ids.items()}
    tables.table(
        _explained(found).with_columns(face=pl.col("unit_name"), called=pl.col("unit_name")),
        [
            Column("face", "", "tight", draw=lambda name: pictures.picture(by_name.get(name), side_px=_FACE_PX)),
            Column("unit_name", "unit", draw=lambda name: chips.unit(name, by_name.get(name))),
            Column("called", "name", draw=lambda name: naming.beside(called.get(name))),
            _WHY,
        ],
        label="Units",
    )


def _explained(found: pl.DataFrame) -> pl.DataFrame:
    """With the reasons as markup, blurred where they hold an explicit word."""
    rows = found.select("reasons", "is_explicit").iter_rows()
    return found.with_columns(pl.Series("why", [pictures.word("; ".join(said), hides) for said, hides in rows]))


_WHY = Column("why", "why", draw=str)
asked = st.query_params.get("text", "").strip()
elements.page_head("Find", f"Units that “{asked}” describes." if asked else "Units by address, name, word or meaning.")
elements.tab(asked, "Find")
if asked:
    _found()
else:
    notices.empty("There is nothing to find yet", "Write an address, a name or a word into the box on the left.")
