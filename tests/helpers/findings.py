"""Findings made up for a test, about the rows of small_warehouse.sql and small_weights.sql."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

import warehouse


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def ask(
    path: Path, measure: str, *items: str, comparison: str = "about", published: float = 1, **about: str | bool
) -> None:
    """Make one finding, called `asked`, the only one; of RN50 unless model_name says otherwise."""
    row = {"measure": measure, "comparison": comparison, "published_value": published, **about}
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from findings; delete from published_rankings")
        connection.execute(
            "insert into findings (finding_index, finding_name, claim, tolerance, tolerance_reason, source, "
            f"fill_command, example_name, {', '.join(row)}) select 1, 'asked', 'It is so.', 0.25, 'Because.', 'here', "
            f"'clip-warehouse ingest words', 'claims', {', '.join(f'${name}' for name in row)}",
            row,
        )
        for place, item in enumerate(items, start=1):
            connection.execute(
                "insert into published_rankings values ('asked', $place, $item, null)", {"place": place, "item": item}
            )


def value(path: Path) -> Any:
    found = rows(path, "select our_value from finding_values where finding_name = 'asked'")
    assert len(found) <= 1
    return found[0][0] if found else "not measured"


def name_the_model(path: Path, name: str, tag: str) -> None:
    write(path, f"update models set model_name = '{name}', pretrained_tag = '{tag}'")


def measure_shares(path: Path) -> None:
    """A shares run on features of both units of 4/2/6: 0.2 and 0.99."""
    write(
        path,
        "insert into runs values (10, 1, 'shares', 'features', '{}', 'run 10', 'complete', 'cpu', 'float32', '{}', "
        "'2024-04-01', '2024-04-01', 1, 2, null); insert into residual_shares values "
        "(10, 2, 'published', 'features', 1, 9, 1, 0.2, null, 0), "
        "(10, 3, 'published', 'features', 1, 9, 1, 0.99, null, 0)",
    )
