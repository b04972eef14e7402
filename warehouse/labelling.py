"""Labels that people give to pictures of a unit, each written at once in one short transaction.

>>> from warehouse.labelling import add_label
>>> add_label("4/2/6/277", 1207, "birds")
True

Readers wait the few milliseconds that it takes. Labels belong to no run and outlive all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.connection import transaction, warehouse_path
from warehouse.errors import BadLabel, UnknownUnit
from warehouse.schema import open_updated, utc_now

PATIENCE_S = 3.0  # a person waits for it
LONGEST_LABEL = 60


def add_label(
    unit: str | int,
    stimulus_id: int,
    label: str,
    *,
    warehouse: str | os.PathLike[str] | None = None,
    patience_s: float = PATIENCE_S,
) -> bool:
    """Store that a picture shows `label`, for this unit; whether the label is new.

    unit: an address, or a unit_id where several models in the file have the address. warehouse: path; else
    CLIP_WAREHOUSE, else warehouse.duckdb. The label is kept in lower case with single spaces.
    Raises BadLabel, UnknownUnit (for an unknown picture too), WarehouseMissing, NotAWarehouse, SchemaMismatch,
    WarehouseBusy after `patience_s` seconds, StorageFull; nothing is written then.
    """
    name = normalised(label)
    with _writing(warehouse, patience_s) as connection:
        row = {"unit_id": _unit_id(connection, unit), "stimulus_id": _picture(connection, stimulus_id), "name": name}
        inserted = connection.execute(
            "insert into labels select $unit_id, $stimulus_id, $name, $labelled_at where not exists ("
            "from labels where unit_id = $unit_id and stimulus_id = $stimulus_id and label_name = $name)",
            {**row, "labelled_at": utc_now()},
        ).fetchone()
    return inserted == (1,)


def remove_label(
    unit: str | int,
    stimulus_id: int,
    label: str,
    *,
    warehouse: str | os.PathLike[str] | None = None,
    patience_s: float = PATIENCE_S,
) -> bool:
    """Take a label back; whether there was one. Raises what `add_label` raises."""
    name = normalised(label)
    with _writing(warehouse, patience_s) as connection:
        row = {"unit_id": _unit_id(connection, unit), "stimulus_id": _picture(connection, stimulus_id), "name": name}
        deleted = connection.execute(
            "delete from labels where unit_id = $unit_id and stimulus_id = $stimulus_id and label_name = $name", row
        ).fetchone()
    return deleted != (0,)


def normalised(label: str) -> str:
    """The label as it is kept: lower case, single spaces. Raises BadLabel."""
    name = " ".join(label.split()).lower()
    if not name or len(name) > LONGEST_LABEL or not re.search(r"\w", name) or not name.isprintable():
        raise BadLabel(label, LONGEST_LABEL)
    return name


@contextmanager
def _writing(warehouse: str | os.PathLike[str] | None, patience_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """One transaction in an existing warehouse of this version."""
    with open_updated(warehouse_path(warehouse), patience_s) as connection, transaction(connection):
        yield connection


def _unit_id(connection: duckdb.DuckDBPyConnection, unit: str | int) -> int:
    column = "unit_id" if isinstance(unit, int) else "unit_name"
    rows = connection.execute(f"select unit_id from units where {column} = $unit limit 2", {"unit": unit}).fetchall()
    if not rows:
        raise UnknownUnit(f"no unit {unit!r} in this warehouse: write block/bottleneck/index/channel, or a unit_id")
    if len(rows) > 1:
        raise UnknownUnit(
            f"several models have a unit {unit!r}: name it by its unit_id (select unit_id from unit_details)"
        )
    return int(rows[0][0])


def _picture(connection: duckdb.DuckDBPyConnection, stimulus_id: int) -> int:
    row = connection.execute(
        "from stimuli where stimulus_id = $stimulus_id and stimulus_kind <> 'word' and error_message is null",
        {"stimulus_id": stimulus_id},
    ).fetchone()
    if row is None:
        raise UnknownUnit(f"no picture {stimulus_id} in this warehouse: take a stimulus_id from unit_top_pictures")
    return stimulus_id
