"""What units are called, by the newest names run of the chosen model."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.markup.naming import Named
from dashboards.reads import models, questions


def names(unit_names: Iterable[str]) -> dict[str, Named]:
    """Address -> name, of the units that have one."""
    asked, runs = sorted(set(unit_names)), models.runs("names")
    if not asked or not runs:
        return {}
    found = questions.answer("every_page/names", runs=runs, units=asked).rows
    return {unit: Named(name, trust, is_explicit) for unit, name, trust, is_explicit in found.iter_rows()}
