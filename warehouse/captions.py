"""New captions and keywords of pictures that the warehouse knows already; what was measured stays."""

from __future__ import annotations

from pathlib import Path

from warehouse.connection import WRITER_PATIENCE_S, open_reader, open_writer, transaction
from warehouse.schema import statement


def update_captions(path: Path, inventory: Path, patience_s: float = WRITER_PATIENCE_S) -> int:
    """Write the captions and keywords of an inventory's pictures where they differ; how many pictures changed.

    inventory: a Parquet file with content_sha256, caption and keywords; a picture without them keeps those it has.
    The file is opened for writing only if something differs. Raises WarehouseBusy, StorageFull.
    """
    with open_reader(path, patience_s, locked_down=False) as connection:
        row = connection.execute(statement("changes/captions_changed"), {"file": str(inventory)}).fetchone()
    count = int(row[0]) if row else 0
    if count:
        with open_writer(path, patience_s) as connection, transaction(connection):
            for name in ("update_captions", "update_keywords"):
                connection.execute(statement(f"changes/{name}"), {"file": str(inventory)})
    return count
