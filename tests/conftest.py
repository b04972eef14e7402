"""Warehouses to test on, each a copy of one that is built once: building takes a second, copying no time."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:  # several processes share the cores: threads that wait cost most
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import helpers.begun  # noqa: F401  (pools of every test begin from its server, which must hear of it first)
from helpers import row_order
from warehouse.schema import create_or_update

settings.register_profile("ours", deadline=None)  # a busy machine is not a failure
settings.load_profile("ours")

IS_ORDER_ANY = os.environ.get("ROW_ORDER") == "any"
if IS_ORDER_ANY:
    row_order.install()

LONGEST = (
    "test_whole_path",
    "test_ray_runner",
    "test_interruptions",
    "test_lake",
    "test_faults",
    "test_pages_in_a_browser",
    "test_words_page",
    "test_unit_pages",
    "test_two_models",
    "test_benchmarks",
    "test_evaluation",
    "test_packaging",
    "test_sql_page",
    "test_picture_interruptions",
    "test_migrations",
    "test_matches",
    "test_reproduction",
)
MAY_BE_MISSING = ("gpu", "network")
ROWS = Path(__file__).parent / "rows"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no process has one of them left when the others have ended."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def pytest_collection_finish() -> None:
    """What is imported stays: every later garbage collection would look through all of it again."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="module")
def two_threads() -> Iterator[None]:
    """Compiled loops and pools of threads on two, whatever this process has."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse. Not to be written to."""
    path = tmp_path_factory.mktemp("built") / "built.duckdb"
    create_or_update(path)
    return path


@pytest.fixture(scope="session")
def first_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first empty warehouse of a user, built and not copied, beside the cache that keeps its like."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        create_or_update(folder / "first.duckdb")
    return folder / "first.duckdb"


@pytest.fixture
def built_anew(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For tests of how a warehouse is made: statement by statement, as by a user who has none kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def filled_with(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A warehouse with the rows of some of the files in rows/, by their stems; filled once for all tests."""
    folder = tmp_path_factory.mktemp("filled")

    @cache
    def filled_once(*stems: str) -> Path:
        path = Path(shutil.copy(built, folder / f"{'-'.join(stems)}.duckdb"))
        with duckdb.connect(str(path)) as connection:
            for stem in stems:
                connection.execute((ROWS / f"{stem}.sql").read_text())
            if IS_ORDER_ANY:
                row_order.shuffle_tables(connection)
        return path

    return filled_once


@pytest.fixture(scope="session")
def filled(filled_with: Callable[..., Path]) -> Path:
    return filled_with("small_warehouse")


@pytest.fixture(scope="session", autouse=True)
def packages_stay_as_they_are() -> Iterator[None]:
    """Each AppTest.run looks through all installed packages for components of pages: a quarter of a second."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """AppTest leaves a page as the main module, and worker processes would import it."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own


@pytest.fixture
def empty_warehouse(built: Path, tmp_path: Path) -> Path:
    """Tables and views, no rows."""
    return Path(shutil.copy(built, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_warehouse(filled: Path, tmp_path: Path) -> Path:
    """The rows of small_warehouse.sql."""
    return Path(shutil.copy(filled, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_weights(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_weights.sql."""
    return Path(shutil.copy(filled_with("small_weights"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_sketches(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_sketches.sql."""
    return Path(shutil.copy(filled_with("small_sketches"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_pictures(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_warehouse.sql and small_pictures.sql."""
    return Path(shutil.copy(filled_with("small_warehouse", "small_pictures"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_shares(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_shares.sql."""
    return Path(shutil.copy(filled_with("small_shares"), tmp_path / "warehouse.duckdb"))


TINY = {
    "embed_dim": 8,
    "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1},
}


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a CLIP ResNet of 2 MB, as one that a person has told open_clip of; the test's folder is this one."""
    import open_clip

    from ingest.network.architectures import resnet_names

    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny-rn.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(tmp_path / "tiny-rn.json")
    resnet_names.cache_clear()
    return "tiny-rn"


@pytest.fixture
def small_logits(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_logits.sql."""
    return Path(shutil.copy(filled_with("small_logits"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_graph(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_graph.sql."""
    return Path(shutil.copy(filled_with("small_graph"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_effects(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_weights.sql and small_effects.sql."""
    return Path(shutil.copy(filled_with("small_weights", "small_effects"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_matches(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_matches.sql."""
    return Path(shutil.copy(filled_with("small_matches"), tmp_path / "warehouse.duckdb"))


@pytest.fixture
def small_names(filled_with: Callable[..., Path], tmp_path: Path) -> Path:
    """The rows of small_warehouse.sql and small_names.sql."""
    return Path(shutil.copy(filled_with("small_warehouse", "small_names"), tmp_path / "warehouse.duckdb"))
