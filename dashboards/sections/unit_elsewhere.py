"""The same unit in other models: its best partners, with the pictures that drive both."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from dashboards.markup import pictures
from dashboards.markup.numbers import correlation
from dashboards.markup.pictures import Tile
from dashboards.reads import models, questions, units
from dashboards.reads.comparisons import Comparison, comparisons
from dashboards.reads.units import Unit
from dashboards.widgets import elements, notices

_PARTNERS, _PICTURES, _PICTURE_PX = 4, 4, 112


def same_elsewhere(unit: Unit) -> None:
    """One line per model: the unit with its pictures, then its partners there with theirs, the best first."""
    known = comparisons()
    values = {"runs": sorted({one.run_id for one in known}), "unit_id": unit.unit_id, "most": _PARTNERS}
    answer = questions.answer("unit/partners", **values)
    note = "correlation on held-out stimuli, then that of a rotated layer; twins: each the other’s best match"
    with elements.section("The same in other models", note if known else "", sql=answer.sql, rows=answer.rows):
        if not known:
            notices.missing("No other model has been compared with this one", "ingest matches OTHER")
            return
        found = {one: _of(answer.rows, one) for one in known}
        strips = _strips(unit, found)
        lines = [_line(unit, one, partners, strips) for one, partners in found.items()]
        elements.markup(f'<div class="cw-elsewhere">{"".join(lines)}</div>')


def _of(rows: pl.DataFrame, one: Comparison) -> list[dict[str, Any]]:
    return rows.filter(run_id=one.run_id, is_reverse=one.is_reverse).rows(named=True)


def _strips(unit: Unit, found: dict[Comparison, list[dict[str, Any]]]) -> dict[int, str]:
    """unit_id -> markup of the pictures that drive it most; nothing where its model saw none."""
    ids = {unit.unit_id, *(row["other_unit_id"] for rows in found.values() for row in rows)}
    shown_to = {models.chosen(), *(one.other_model_id for one in found)}
    runs = sorted({run for model_id in shown_to for run in models.runs("pictures", model_id=model_id)})
    rows = questions.answer("unit/partner_pictures", runs=runs, unit_ids=sorted(ids), most=_PICTURES).rows
    small = units.thumbnails(rows["stimulus_id"], _PICTURE_PX)
    tiles: dict[int, list[Tile]] = {}
    for row in rows.iter_rows(named=True):
        tile = Tile(small.get(row["stimulus_id"]), "", row["caption"] or "", None, row["is_explicit"])
        tiles.setdefault(row["unit_id"], []).append(tile)
    return {unit_id: pictures.grid(some, "pictures", columns=_PICTURES) for unit_id, some in tiles.items()}


def _line(unit: Unit, one: Comparison, partners: list[dict[str, Any]], strips: dict[int, str]) -> str:
    if partners:
        own = f'<li><p class="cw-quiet">here</p>{strips.get(unit.unit_id, "")}</li>'
        cells = own + "".join(_partner(one, row, strips.get(row["other_unit_id"], "")) for row in partners)
    else:
        cells = '<li class="cw-quiet">not compared, or constant on what was shown</li>'
    return f"<h3>{escape(one.label)}</h3><ul>{cells}</ul>"


def _partner(one: Comparison, row: dict[str, Any], strip: str) -> str:
    state = "twin" if row["is_best_match"] else "matched" if row["is_matched"] else ""
    return (
        f"<li><p>{one.chip(row['other_unit_name'])}<b>{correlation(row['correlation'])}</b>"
        f"<small>{correlation(row['null_correlation'])}</small><small>{state}</small></p>{strip}</li>"
    )
