"""Which pictures are blurred until a person reveals them; a mark can be set and taken back at any time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from warehouse.connection import WRITER_PATIENCE_S
from warehouse.schema import open_updated, statement


def mark_explicit(
    path: Path, entries: Sequence[str], *, is_explicit: bool = True, patience_s: float = WRITER_PATIENCE_S
) -> int:
    """Set is_explicit of every picture that an entry names by address, content hash or file name; how many changed.

    Raises WarehouseMissing, NotAWarehouse, SchemaMismatch, WarehouseBusy.
    """
    with open_updated(path, patience_s) as connection:
        changed = connection.execute(
            statement("changes/mark_explicit"),
            {"entries": list(entries), "is_explicit": is_explicit},
        ).fetchone()
    return changed[0] if changed else 0
