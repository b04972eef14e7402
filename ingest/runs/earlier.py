"""What a job asks of earlier runs before it starts: a question is a file sql/jobs/<question>.sql.

Not views: a file that an earlier version made has today's views only after the first write.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import WarehouseError
from warehouse.reading import query
from warehouse.schema import SQL

if TYPE_CHECKING:  # difference asks, and needs no torch when the answer is stored
    from ingest.network.model import ClipModel


def question(name: str) -> str:
    """The statement of a question; each `$name` in it is a parameter."""
    return (SQL / "jobs" / f"{name}.sql").read_text(encoding="utf-8")


def newest_run(
    path: Path, model: ClipModel, jobs: Sequence[str], missing: WarehouseError, *, layers: Sequence[str] = ()
) -> tuple[int, str]:
    """(id, settings_sha256) of the newest complete run of one of these jobs with the model's weights and these layers.

    Raises `missing` when there is none.
    """
    if not path.exists():
        raise missing
    asked = {"weights_sha256": model.weights_sha256, "jobs": list(jobs), "layers": list(layers)}
    rows = query(question("newest_run"), warehouse=path, **asked).rows()
    if not rows:
        raise missing
    run_id, settings_sha256 = rows[0]
    return run_id, settings_sha256
