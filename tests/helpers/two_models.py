"""A second model in a file, with the addresses of the first: all rows again, with other keys and other values."""

from __future__ import annotations

from pathlib import Path

import duckdb

OFFSET = 1000  # added to the key of each model, layer, unit and run
SECOND = "second"  # how its name begins
_KEYS = ("model_id", "layer_id", "unit_id", "run_id")
_FACTS = ("activation_mean", "activation_max", "weight_sum", "shortcut_share", "activation_sum", "sarle_coefficient")
_NEWER = "('words', 'shares', 'contributions')"
_TABLES = "select table_name from duckdb_tables() where schema_name = 'main' and not internal order by table_name"
_COLUMNS = """select column_name
from duckdb_columns()
where schema_name = 'main' and table_name = ?
order by column_index"""


def add_second_model(path: Path) -> None:
    """Its runs are the newest of some jobs and older in the others, so that what is newest is not of one model."""
    with duckdb.connect(str(path)) as connection:
        for (table,) in connection.execute(_TABLES).fetchall():
            columns = [name for (name,) in connection.execute(_COLUMNS, [table]).fetchall()]
            if any(name.endswith(_KEYS) for name in columns):
                source = f"from {table} where {_belongs(table, columns)}"
                connection.execute(f"insert into {table} select {', '.join(map(_copied, columns))} {source}")


def _belongs(table: str, columns: list[str]) -> str:
    """What is measured of no model, such as published shares, is not there twice."""
    if table == "runs":
        return "model_id is not null"
    return "run_id in (select run_id from runs where model_id is not null)" if "run_id" in columns else "true"


def _copied(column: str) -> str:
    if column.endswith(_KEYS):
        return f"{column} + {OFFSET}"
    if column.endswith("_sha256") or column == "model_name":
        return f"'{SECOND} ' || {column}"
    if column == "finished_at":
        return f"finished_at + case when job_name in {_NEWER} then interval 1 year else interval (-1) year end"
    return f"{column} / 2" if column in _FACTS else column
