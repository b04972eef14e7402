"""What units are called, by the newest names run of the chosen model."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dashboards.markup.naming import Named
from dashboards.reads import models, questions


def names(unit_names: Iterable[str]) -> dict[str, Named]:
    """Address -> name, of the units that have one."""
    asked, runs = sorted(set(unit_names)), models.runs("names")
    if not asked or not runs:
        return {}
    found = questions.answer("every_page/names", runs=runs, units=asked).rows
    return {unit: Named(name, trust, is_explicit) for unit, name, trust, is_explicit in found.iter_rows()}


def names_in(rows: pl.DataFrame) -> dict[str, Named]:
    """Address -> name, of the units in an answer to any statement; none where they may be another model's."""
    units = [name for name in rows.columns if name.endswith(("unit", "unit_name")) and not name.startswith("other_")]
    texts = [name for name in units if rows.schema[name] == pl.String]
    if not texts or not _is_of_the_chosen_model(rows):
        return {}
    return names(pl.concat([rows[name].drop_nulls().alias("unit") for name in texts]))


def _is_of_the_chosen_model(rows: pl.DataFrame) -> bool:
    known = questions.answer("every_page/models").rows
    own = known.filter(pl.col("model_id") == models.chosen())
    for column in ("model_id", "model_name"):
        if column in rows.columns:
            alike = known.filter(pl.col(column).is_in(own[column].implode()))
            return len(alike) == 1 and set(rows[column]) == set(own[column])
    return len(known) == 1
