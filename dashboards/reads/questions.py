"""Questions to the warehouse: a statement with its values written in, and the rows that it gave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.reads.warehouse_file import rows


@dataclass(frozen=True)
class Answer:
    """Rows, and the very statement that gave them: it can be pasted elsewhere as it stands."""

    rows: pl.DataFrame
    sql: str


def answer(sql: str, /, **values: Any) -> Answer:
    """The answer to a statement whose `$name` is written out as a literal, from the cache when the file is as it was.

    A list becomes (1, 2), for `in $name`; an empty one matches nothing. Raises what warehouse.query raises.
    """
    statement = written(sql, **values)
    return Answer(rows(statement), statement)


def written(sql: str, /, **values: Any) -> str:
    """The statement with each `$name` that is given replaced by its literal."""
    return re.sub(r"\$(\w+)", lambda found: _literal(values[found[1]]) if found[1] in values else found[0], sql)


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Sequence):
        return f"({', '.join(map(_literal, value)) or 'null'})"
    return str(value).lower() if isinstance(value, bool) else repr(value)
