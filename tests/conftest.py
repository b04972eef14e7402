"""Warehouses to test on, each a copy of one that is built once: building takes a second, copying none."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from warehouse.schema import create_or_update

settings.register_profile("ours", deadline=None)  # a busy machine is no fault
settings.load_profile("ours")

MAY_BE_MISSING = ("gpu", "network")
ROWS = Path(__file__).parent / "small_warehouse.sql"
ROWS_OF_WEIGHTS = Path(__file__).parent / "small_weights.sql"
ROWS_OF_SKETCHES = Path(__file__).parent / "small_sketches.sql"
ROWS_OF_PICTURES = Path(__file__).parent / "small_pictures.sql"
ROWS_OF_SHARES = Path(__file__).parent / "small_shares.sql"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test has failed, unless a GPU or the network is what it needs."""
    report = yield
    is_excused = any(map(item.get_closest_marker, MAY_BE_MISSING)) or hasattr(report, "wasxfail")
    if report.skipped and os.environ.get("CI") and not is_excused:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


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


@pytest.fixture(scope="session")
def filled_with_shares(built: Path) -> Path:
    path = built.with_name("filled_with_shares.duckdb")
    shutil.copy(built, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS_OF_SHARES.read_text())
    return path


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """AppTest leaves a page as the main module, and worker processes would import it."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own


@pytest.fixture(scope="session")
def filled_with_pictures(filled: Path) -> Path:
    path = filled.with_name("filled_with_pictures.duckdb")
    shutil.copy(filled, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS_OF_PICTURES.read_text())
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


@pytest.fixture
def small_sketches(empty_warehouse: Path) -> Path:
    """The rows of small_sketches.sql."""
    with duckdb.connect(str(empty_warehouse)) as connection:
        connection.execute(ROWS_OF_SKETCHES.read_text())
    return empty_warehouse


@pytest.fixture
def small_pictures(filled_with_pictures: Path, tmp_path: Path) -> Path:
    """The rows of small_warehouse.sql and small_pictures.sql."""
    return Path(shutil.copy(filled_with_pictures, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_shares(filled_with_shares: Path, tmp_path: Path) -> Path:
    """The rows of small_shares.sql."""
    return Path(shutil.copy(filled_with_shares, tmp_path / "warehouse.duckdb"))
