"""What a job needs to know about earlier runs before it starts: each question is a file sql/jobs/<question>.sql.

They are not views, because a file of an earlier version gets today's views only at the first write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import InputError
from warehouse.reading import MOST_ROWS, query
from warehouse.schema import statement

if TYPE_CHECKING:  # `difference` uses this module, and needs no torch when the answer is stored
    import polars as pl

    from ingest.network.model import ClipModel

_TIME_LIMIT_S = 600.0


@dataclass(frozen=True)
class EarlierRun:
    run_id: int
    settings_sha256: str
    settings: dict[str, Any]


def question(name: str) -> str:
    """The statement of a question; each `$name` in it is a parameter."""
    return statement(f"jobs/{name}")


def every_row(path: Path, sql: str, **params: Any) -> pl.DataFrame:
    """All rows of a reading statement, without the usual limits on their number and on time."""
    return query(sql, warehouse=path, row_limit=MOST_ROWS, time_limit_s=_TIME_LIMIT_S, **params)


def newest_run(
    path: Path, model: ClipModel, jobs: Sequence[str], missing: InputError, *, layers: Sequence[str] = ()
) -> EarlierRun:
    """The newest complete run of one of these jobs with the model's weights and these layers.

    Raises `missing` when there is none.
    """
    if not path.exists():
        raise missing
    rows = query(
        question("newest_run"),
        warehouse=path,
        weights_sha256=model.weights_sha256,
        jobs=list(jobs),
        layers=list(layers),
    ).rows()
    if not rows:
        raise missing
    run_id, settings_sha256, settings = rows[0]
    return EarlierRun(run_id, settings_sha256, json.loads(settings))
