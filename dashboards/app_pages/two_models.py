"""Two models: which layers and units of this model have counterparts in another one."""

from __future__ import annotations

from shlex import quote
from typing import Any

import polars as pl
import streamlit as st

from dashboards.markup import chips, heat_tables, pictures
from dashboards.markup.links import address
from dashboards.markup.numbers import correlation, text
from dashboards.reads import models, questions, units, warehouse_file
from dashboards.reads.comparisons import Comparison, comparisons
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column

_LISTED, _FACE_PX = 40, 34
_LISTED_PX = 420
_FEW_LAYERS = 8  # at most this many columns have room for written values
_LEAST_EXCESS = 0.05
_BOX_PX = 420
_MAPS = (
    ("Matched units", "matched_share", "each among the other’s best five, held out"),
    ("Excess over a rotated layer", "correlation_excess", "mean best correlation, minus that in a random basis"),
)


def _chosen_comparison(known: list[Comparison]) -> Comparison:
    by_label = {one.label: one for one in known}
    if len(by_label) == 1:
        return known[0]
    asked = st.selectbox("Other model", list(by_label), key="compared", bind="query-params", width=_BOX_PX)
    return by_label[asked]


def _chosen_pair(layers: pl.DataFrame) -> tuple[str, str]:
    """The pair of layers in the address; else the last layer, and the other model's layer that matches most of it."""
    asked = st.query_params.get("layer"), st.query_params.get("other_layer")
    known: list[tuple[str, str]] = layers.select("layer_name", "other_layer_name").rows()
    last = layers.filter(pl.col("layer_name") == layers["layer_name"][-1])
    best = last.sort("matched_share", descending=True, nulls_last=True, maintain_order=True)
    return next((pair for pair in known if pair == asked), best.select("layer_name", "other_layer_name").row(0))


def _maps(one: Comparison, layers: pl.DataFrame, sql: str, chosen: tuple[str, str]) -> None:
    for place, (title, column, note) in zip(st.columns(2, gap="medium"), _MAPS, strict=True):
        with place, elements.section(title, note, sql=sql, rows=layers):
            _map(one, layers, column, title, chosen)


def _map(one: Comparison, layers: pl.DataFrame, column: str, title: str, chosen: tuple[str, str]) -> None:
    known = layers.select("layer_name", "other_layer_name", column).drop_nulls()
    values = {(own, other): value for own, other, value in known.iter_rows()}
    highest = 1.0 if column == "matched_share" else max([_LEAST_EXCESS, *values.values()])
    others = layers["other_layer_name"].unique(maintain_order=True).to_list()
    keep = ("compared",)
    drawn = heat_tables.heat_table(
        values,
        layers["layer_name"].unique(maintain_order=True).to_list(),
        others,
        ends=(0.0, highest),
        hrefs={pair: address("two_models", keep=keep, layer=pair[0], other_layer=pair[1]) for pair in values},
        chosen=chosen,
        label=f"{title}: layers of {models.chosen_label()} by layers of {one.other_label}",
        is_written=len(others) <= _FEW_LAYERS,
    )
    elements.markup(f'<div class="cw-filled">{drawn}</div>')  # every pair has a value, so the scale is drawn below


def _pair(one: Comparison, layers: pl.DataFrame, sql: str, chosen: tuple[str, str]) -> None:
    """One pair of layers: its figures, its twins, and the units that are matched nowhere."""
    own, other = chosen
    asked = {"run": one.run_id, "reverse": one.is_reverse, "layer": own, "most": _LISTED}
    row = layers.row(by_predicate=(pl.col("layer_name") == own) & (pl.col("other_layer_name") == other), named=True)
    figures, twins, loneliest = st.columns([28, 36, 36], gap="medium")
    with figures, elements.section(f"{own} in {other}", sql=sql):
        elements.facts(_figures(row))
    with twins:
        found = questions.answer("two_models/best", other=other, **asked)
        with elements.section("Twins", "each the other’s best of its layer", sql=found.sql, rows=found.rows):
            _listed(one, found.rows, "Twins", f"No unit of {own} is its partner’s best match in {other}.")
    with loneliest:
        found = questions.answer("two_models/loneliest", **asked)
        note = f"units of {own} that are matched in no layer"
        with elements.section("Loneliest", note, sql=found.sql, rows=found.rows):
            _listed(one, found.rows, "Loneliest", f"Every unit of {own} is matched somewhere.")


def _figures(row: dict[str, Any]) -> dict[str, str]:
    return {
        "units": f"{row['unit_count']:,}",
        "that ever change": f"{row['changing_unit_count']:,}",
        "matched, within five": f"{row['matched_count']:,} · {_percent(row['matched_share'])}",
        "each other’s best": _percent(row["best_matched_share"]),
        "mean best correlation": text(row["correlation_mean"]),
        "in a rotated layer": text(row["null_correlation_mean"]),
        "excess": text(row["correlation_excess"]),
        "chosen on": f"{row['choice_count']:,}",
        "judged on": f"{row['held_out_count']:,}",
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _listed(one: Comparison, found: pl.DataFrame, label: str, nothing: str) -> None:
    if found.is_empty():
        notices.note(nothing)
        return
    faces = units.faces(found["unit_id"])
    other_faces = one.faces(found["other_unit_id"])
    drawn = found.with_columns(
        here=pl.Series([_faced(faces, key, chips.unit(name, faces.get(key))) for key, name in _keys(found, "")]),
        there=pl.Series(
            [_faced(other_faces, key, one.chip(name, other_faces.get(key))) for key, name in _keys(found, "other_")]
        ),
    )
    columns = [
        Column("here", "here", draw=str),
        Column("there", "there", draw=str),
        Column("correlation", "r", "number", correlation),
        Column("null_correlation", "rotated", "number", correlation),
    ]
    comments = warehouse_file.comments("unit_partners")
    tables.table(drawn, columns, label=label, comments=comments, most_px=_LISTED_PX)


def _keys(found: pl.DataFrame, side: str) -> list[tuple[int, str]]:
    return found.select(f"{side}unit_id", f"{side}unit_name").rows()


def _faced(faces: dict[int, str], unit_id: int, chip: str) -> str:
    """A unit with its picture, or without one if no unit of its model has a picture."""
    face = pictures.picture(faces.get(unit_id), side_px=_FACE_PX) if faces else ""
    return f'<span class="cw-faced">{face}{chip}</span>'


known = comparisons() if models.chosen() is not None else []
beside = f" beside {known[0].label}" if len(known) == 1 else ""
elements.page_head(
    "Two models", "Which units of this model have a counterpart in another one?", f"{models.chosen_label()}{beside}"
)
if not known:
    name, own = quote(models.chosen_label().split(" · ")[0] or "emoji-rn50"), models.options()
    notices.empty(
        "No other model has been compared with this one",
        "Both see the same pictures, those of this model's pictures run; only their activations are compared.",
        {
            f"ingest pictures{own}": "Pictures, if there are none yet",
            f"ingest matches RN101-quickgelu{own}": "Against another model, for example OpenAI's RN101",
            f"ingest matches {name} --other-pretrained random{own}": "Against this model untrained, the control",
        },
    )
else:
    one = _chosen_comparison(known)
    answer = questions.answer("two_models/layers", run=one.run_id, reverse=one.is_reverse)
    pair = _chosen_pair(answer.rows)
    elements.tab(f"{pair[0]} in {one.label}", "Two models")
    _maps(one, answer.rows, answer.sql, pair)
    _pair(one, answer.rows, answer.sql, pair)
