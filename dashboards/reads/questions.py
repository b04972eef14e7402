"""Questions to the warehouse: each a file sql/pages/<page>/<question>.sql, shown on the page as it was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from dashboards.reads import warehouse_file
from warehouse.schema import SQL


@dataclass(frozen=True)
class Answer:
    """Rows, and the statement that gave them, ready to paste elsewhere."""

    rows: pl.DataFrame
    sql: str


def answer(question: str, /, **values: Any) -> Answer:
    """The answer to a question such as "unit/words", with each `$name` in it replaced by its value.

    Cached until the file changes. A list becomes (1, 2), for `in $name`; an empty list matches nothing.
    Raises what warehouse.query raises.
    """
    statement = written(question, **values)
    return Answer(warehouse_file.rows(statement), statement)


def written(question: str, /, **values: Any) -> str:
    """The statement of a question with each `$name` that is given replaced by its literal."""
    return filled(_text(question), **values)


def filled(sql: str, /, **values: Any) -> str:
    """A statement with each `$name` that is given replaced by its literal."""
    return re.sub(r"\$(\w+)", lambda match: _literal(values[match[1]]) if match[1] in values else match[0], sql)


@cache
def _text(question: str) -> str:
    return (SQL / "pages" / f"{question}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Sequence):
        return f"({', '.join(map(_literal, value)) or 'null'})"
    return str(value).lower() if isinstance(value, bool) else repr(value)
