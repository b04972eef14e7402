"""DuckDB at its least helpful: rows come in any order that `order by` leaves open, ties included.

`ROW_ORDER=any python -m pytest` (see conftest.py) finds code that relies on the order in which rows happen to be
stored: insertion order is not preserved, the number of threads is another, hand-written tables are shuffled, and every
select is ordered at random where it leaves the order open.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb

_connect = duckdb.connect
_CONFIG = {"preserve_insertion_order": "false", "threads": "3"}
_REFUSED = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


class _AnyOrder:
    """A connection whose selects come in any order that they allow."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, sql: Any, *given: Any, **named: Any) -> Any:
        self._ask(self._connection.execute, sql, *given, **named)
        return self

    def sql(self, sql: Any, *given: Any, **named: Any) -> Any:
        return self._ask(self._connection.sql, sql, *given, **named)

    @staticmethod
    def _ask(ask: Callable[..., Any], sql: Any, *given: Any, **named: Any) -> Any:
        try:
            return ask(any_order(sql), *given, **named)
        except _REFUSED:
            return ask(sql, *given, **named)  # its own error, or an order that such a statement cannot have

    query = sql

    def cursor(self) -> _AnyOrder:
        return _AnyOrder(self._connection.cursor())

    def __enter__(self) -> _AnyOrder:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def install() -> None:
    """Every connection of this process from now on."""
    if duckdb.connect is not _connect:
        return

    def connect(*given: Any, config: dict[str, Any] | None = None, **named: Any) -> Any:
        return _AnyOrder(_connect(*given, config={**(config or {}), **_CONFIG}, **named))

    duckdb.connect = connect


def shuffle_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The same rows of every table, lying otherwise."""
    tables = connection.execute("select schema_name, table_name from duckdb_tables() where not temporary").fetchall()
    for schema, table in tables:
        name = f'"{schema}"."{table}"'
        connection.execute(f"create or replace temp table shuffled as select * from {name} order by random()")
        connection.execute(f"delete from {name}")
        connection.execute("force checkpoint")  # or the catalog goes on counting them
        connection.execute(f"insert into {name} select * from shuffled order by random()")
    connection.execute("drop table if exists shuffled")


@cache
def any_order(sql: Any) -> Any:
    """The statement with `random()` as its last sort key; a statement that is not a select comes back as it is."""
    if not isinstance(sql, str):
        return sql
    with _connect() as connection:
        try:
            (written,) = connection.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone() or ("",)
            tree = json.loads(written)
            if tree["error"] or len(tree["statements"]) != 1 or '"SHOW_REF"' in written:
                return sql
            node = tree["statements"][0]["node"]
            if node["type"] != "SELECT_NODE" or any(each["type"] == "DISTINCT_MODIFIER" for each in node["modifiers"]):
                is_ordered = any(each["type"] == "ORDER_MODIFIER" for each in node["modifiers"])
                return sql if is_ordered else f"select * from ({sql.rstrip().rstrip(';')}\n) order by random()"
            _order_at_random(node)
            (changed,) = connection.execute(
                "select json_deserialize_sql($tree)", {"tree": json.dumps(tree)}
            ).fetchone() or ("",)
        except duckdb.Error:
            return sql
    return changed


def _order_at_random(node: dict[str, Any]) -> None:
    for modifier in node["modifiers"]:
        if modifier["type"] == "ORDER_MODIFIER":
            if all(order["expression"]["type"] != "STAR" for order in modifier["orders"]):  # not `order by all`
                modifier["orders"] += _random_order()["orders"]
            return
    node["modifiers"].insert(0, _random_order())


@cache
def _random_order() -> Any:
    with _connect() as connection:
        found = connection.execute("select json_serialize_sql('select 1 order by random()')").fetchone() or ("",)
    return json.loads(found[0])["statements"][0]["node"]["modifiers"][0]
