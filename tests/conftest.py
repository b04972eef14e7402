"""Warehouses to test on, each a copy of one that is built once: building takes a second, copying none."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse.schema import create_or_update

ROWS = Path(__file__).parent / "small_warehouse.sql"
ROWS_OF_WEIGHTS = Path(__file__).parent / "small_weights.sql"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("built") / "warehouse.duckdb"
    create_or_update(path)
    return path


@pytest.fixture(scope="session")
def filled(built: Path) -> Path:
    path = built.with_name("filled.duckdb")
    shutil.copy(built, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS.read_text())
    return path


@pytest.fixture(scope="session")
def filled_with_weights(built: Path) -> Path:
    path = built.with_name("filled_with_weights.duckdb")
    shutil.copy(built, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS_OF_WEIGHTS.read_text())
    return path


@pytest.fixture
def empty_warehouse(built: Path, tmp_path: Path) -> Path:
    """Tables and views, no rows."""
    return Path(shutil.copy(built, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_warehouse(filled: Path, tmp_path: Path) -> Path:
    """The rows of small_warehouse.sql."""
    return Path(shutil.copy(filled, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_weights(filled_with_weights: Path, tmp_path: Path) -> Path:
    """The rows of small_weights.sql."""
    return Path(shutil.copy(filled_with_weights, tmp_path / "warehouse.duckdb"))
