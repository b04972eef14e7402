"""The DuckDB file: schema, loading, reading. The only package that imports duckdb.

>>> import warehouse
>>> warehouse.query("from unit_card($unit)", unit="4/2/6/34")

`query` and `read` come from warehouse.reading, imported when they are first used: the command line starts without
DuckDB where it needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.reading import query, read

__all__ = ["query", "read"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("warehouse.reading"), name)
    raise AttributeError(f"module 'warehouse' has no attribute {name!r}")
