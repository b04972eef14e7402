"""New warehouses as copies of one that was built: its views are bound once, not by each test that needs one.

The identity is each file's own. Where a test has changed sql/ or how a file is built, or a process that was killed has
left something, the program builds it as always.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import duckdb

from warehouse import schema
from warehouse.connection import writers_turn

# In the environment: the file that is copied. The first process of the tests that wants it builds it.
TEMPLATE = "WAREHOUSE_TEMPLATE"
# For the program of another process.
COPYING = "from helpers import created\ncreated.copy_template()\n"
_create, _build, _SQL = schema._create, schema.build, schema.SQL


def copy_template() -> None:
    """In this process, as long as the environment names a template."""
    schema._create = _copy


def template() -> Path:
    path = Path(os.environ[TEMPLATE])
    with writers_turn(path):
        if not path.exists():
            _create(path)
    return path


def _copy(path: Path) -> None:
    new = path.with_name(f"{path.name}.new")
    is_changed = schema.build is not _build or schema.SQL != _SQL
    if is_changed or new.exists() or not os.environ.get(TEMPLATE):
        _create(path)
        return
    shutil.copy(template(), new)
    with duckdb.connect(str(new)) as connection:
        connection.execute(
            "update warehouse_info set warehouse_id = $warehouse_id, created_at = $created_at",
            {"warehouse_id": str(uuid.uuid4()), "created_at": schema.utc_now()},
        )
    new.rename(path)
