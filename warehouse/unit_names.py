"""Names of units beside the addresses in an answer: `clip-warehouse query --names`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from warehouse.errors import UsageError
from warehouse.reading import fetch

_ADDRESSES = ("unit", "unit_name")
_MODELS = ("model_id", "model_name")  # columns that say which model an address belongs to
_MOST = 1_000_000


def with_names(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], warehouse: str | os.PathLike[str] | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The answer with two more columns after each column of addresses: the unit's name, and the trust in it.

    The names come from the shown names run, for its model only. Raises UsageError where no column holds addresses, and
    in a file of several models where no column names the model.
    """
    places = [place for place, name in enumerate(columns) if name.endswith(_ADDRESSES)]
    if not places:
        raise UsageError("--names: no column holds addresses; call one unit_name, lower_unit or upper_unit")
    says_model, models = _model_column(columns, warehouse)
    known = {
        (ids[says_model or "model_id"], unit): (name, trust)
        for *keys, unit, name, trust in fetch(
            "select model_id, model_name, unit_name, name, held_out_correlation from unit_names "
            "where name_rank = 1 and held_out_correlation is not null",
            warehouse=warehouse,
            row_limit=_MOST,
        ).rows
        for ids in [dict(zip(_MODELS, keys, strict=True))]
    }
    of = columns.index(says_model) if says_model else None
    head = [name for place, column in enumerate(columns) for name in _heads(column, place in places)]
    body = []
    for row in rows:
        model = models[0] if of is None else row[of]
        cells: list[Any] = []
        for place, value in enumerate(row):
            cells += [value, *(known.get((model, value), (None, None)) if place in places else ())]
        body.append(tuple(cells))
    return head, body


def _model_column(columns: Sequence[str], warehouse: str | os.PathLike[str] | None) -> tuple[str | None, list[int]]:
    """Which column names an address's model, None in a file of one model; and the file's models."""
    models = fetch("select model_id, model_name from models order by 1", warehouse=warehouse, row_limit=_MOST).rows
    ids, names = [model for model, _ in models], {name for _, name in models}
    if "model_id" in columns:
        return "model_id", ids
    if "model_name" in columns and len(names) == len(models):
        return "model_name", ids
    if len(models) <= 1:
        return None, ids or [0]
    raise UsageError(
        f"--names: the file holds {len(models)} models; select model_id too, to tell which one a unit belongs to"
    )


def _heads(column: str, is_address: bool) -> list[str]:
    said = column.removesuffix("_name").removesuffix("unit")
    return [column, f"{said}name", f"{said}trust"] if is_address else [column]
