"""Data tests: each file of sql/checks/ is a query whose rows are failures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import open_reader
from warehouse.errors import MachineFault, OtherViews
from warehouse.schema import SQL, has_our_views, require_schema


@dataclass(frozen=True)
class CheckResult:
    """One check: its name (the file's), the question it answers, how many rows fail, and the first of them."""

    check_name: str
    question: str
    failing_count: int
    first_failure: str


def check(path: Path) -> list[CheckResult]:
    """Run every check. Raises WarehouseMissing, NotAWarehouse, SchemaMismatch, OtherViews, WarehouseBusy."""
    with open_reader(path, locked_down=False) as connection:
        require_schema(connection, path)
        try:
            return [_run(connection, file) for file in sorted((SQL / "checks").glob("*.sql"))]
        except duckdb.OutOfMemoryException as error:
            raise MachineFault(f"cannot check {path}", str(error).splitlines()[0]) from error
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if has_our_views(connection):
                raise
            raise OtherViews(path, str(error).splitlines()[0]) from error


def _run(connection: duckdb.DuckDBPyConnection, file: Path) -> CheckResult:
    text = file.read_text(encoding="utf-8")
    question = text.splitlines()[0].removeprefix("--").strip()
    result = connection.execute(text)
    names = [column[0] for column in result.description or ()]
    failures = result.fetchall()
    first = ", ".join(f"{name} {value}" for name, value in zip(names, failures[0], strict=True)) if failures else ""
    return CheckResult(file.stem, question, len(failures), first)
