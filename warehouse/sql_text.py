"""Names and paths inside SQL text, where DuckDB takes no parameter."""

from __future__ import annotations

from pathlib import Path


def quoted_name(name: str) -> str:
    """A column, table or view, `schema.view` in its parts."""
    return ".".join('"' + part.strip().replace('"', '""') + '"' for part in name.split("."))


def quoted_path(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"
