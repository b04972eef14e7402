"""The dashboard: its logic with AppTest, and the real command in headless Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards.markup import numbers
from dashboards.reads import warehouse_file
from helpers.measured import measure
from warehouse.schema import create_or_update

HOUSE = Path(__file__).parent.parent
APP = HOUSE / "dashboards" / "app.py"
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DARK_PAGE = "rgb(22, 21, 26)"  # backgroundColor of [theme.dark] in dashboards/.streamlit/config.toml
START_S, STOP_S = 60, 20
COMMAND = [sys.executable, str(HOUSE / "clip_warehouse.py")]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with 40 words in one layer of the bundled model."""
    path = tmp_path_factory.mktemp("dashboard") / "filled.duckdb"
    return measure(path, "words", "--count", "40", "--layers", "4/2/6")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    path = tmp_path / "empty.duckdb"
    create_or_update(path)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], AppTest]:
    """Runs the entry over a file."""

    def run(path: Path) -> AppTest:
        monkeypatch.setenv("CLIP_WAREHOUSE", str(path))
        app = AppTest.from_file(str(APP), default_timeout=30).run()
        assert not app.exception
        return app

    warehouse_file._rows.clear()
    return run


def shown(app: AppTest) -> str:
    """Everything the page has written."""
    return "\n".join([part.proto.body for part in app.get("html")] + [part.value for part in [*app.code, *app.caption]])


def test_overview_says_what_the_file_holds(filled, opened) -> None:
    page = shown(opened(filled))
    for expected in (
        "emoji-rn50 · filled.duckdb",
        "words",
        "complete",
        "1 of 1",
        "41",
        "4/2/6",
        "512",
        "eeeeee",
        "word_top_units",
        "raster.font",
    ):
        assert expected in page
    assert "from run_details" in page, "the SQL behind the table"


def test_claims_are_held_against_the_model_and_lead_to_their_pages(filled, opened, tmp_path) -> None:
    path = Path(shutil.copy(filled, tmp_path / "w.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("update models set model_name = 'RN50', pretrained_tag = 'openai'")
    page = shown(opened(path))
    assert "about OpenAI’s RN50: " in page
    assert " on RN101: <code>clip-warehouse reproduce --model RN101-quickgelu</code>" in page
    assert " on RN50: " not in page
    assert 'href="unit?unit=4/1/5/2&amp;from=4/1/3&amp;from_by=excitatory"' in page
    assert 'href="words?word=ice%20cream&amp;layer=4/2/6"' in page
    assert 'href="learning?bottleneck=4/2&amp;definition=published&amp;images=features"' in page


def test_another_network_compares_and_is_not_asked_about_single_units(filled, opened) -> None:
    page = shown(opened(filled))
    assert " on RN50: <code>clip-warehouse reproduce --model RN50-quickgelu</code>" in page
    assert "Earlier units are more bimodal" in page
    assert "4/1/3/51" not in page
    assert 'data-state="agrees">' not in page
    assert 'data-state="differs">' not in page


def test_headings_are_explained_by_the_comments_in_the_file(filled, opened) -> None:
    assert "Stimuli with an error, which have no activations." in shown(opened(filled))


def test_an_empty_warehouse_names_the_command_that_fills_it(empty, opened) -> None:
    page = shown(opened(empty))
    assert "Nothing has been measured yet" in page
    assert f"clip-warehouse ingest words --warehouse {empty}" in page


def test_a_missing_file_names_the_command_that_makes_it(tmp_path, opened) -> None:
    page = shown(opened(tmp_path / "none.duckdb"))
    assert "There is no warehouse yet" in page
    assert f"clip-warehouse ingest words --warehouse {tmp_path / 'none.duckdb'}" in page


def test_a_path_with_a_space_is_quoted(tmp_path, opened) -> None:
    assert f"--warehouse '{tmp_path / 'my file.duckdb'}'" in shown(opened(tmp_path / "my file.duckdb"))


def test_a_file_of_something_else_is_one_line(tmp_path, opened) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("nothing to see " * 1000)
    page = shown(opened(other))
    assert "This file is not a warehouse" in page
    assert "Traceback" not in page


def test_an_older_schema_is_one_line(empty, opened) -> None:
    with duckdb.connect(str(empty)) as connection:
        connection.execute("update warehouse_info set schema_version = 0")
    assert "was made by an older version (schema 0" in shown(opened(empty))


def test_older_views_name_the_command_that_renews_them(empty, opened) -> None:
    with duckdb.connect(str(empty)) as connection:
        connection.execute("update warehouse_info set sql_sha256 = 'older'")
    page = shown(opened(empty))
    assert f"clip-warehouse migrate --warehouse {empty}" in page
    assert "Nothing has been measured yet" in page
    with duckdb.connect(str(empty)) as connection:
        connection.execute("drop view run_details")
    assert "The rest of this page needs the newer views" in shown(opened(empty))


def test_a_writer_is_waited_for_then_named(empty, opened, monkeypatch) -> None:
    monkeypatch.setattr(warehouse_file, "PATIENCE_S", 0.2)
    hold = f"import duckdb, sys; c = duckdb.connect({str(empty)!r}); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        app = opened(empty)
        assert "Another program is writing the warehouse" in shown(app)
        assert f"process {holder.pid}" in shown(app)
    finally:
        holder.communicate("")
    assert "Nothing has been measured yet" in shown(app.button(key="try_again").click().run())


def test_new_data_is_noticed(empty, opened) -> None:
    app = opened(empty)
    with duckdb.connect(str(empty)) as connection:
        connection.execute(
            "insert into runs values (7, null, 'words', '', '{}', 'x', 'running', 'cpu', 'float32', '{}', "
            "timestamp '2026-01-02 03:04:05', null, 3, 0, null)"
        )
    page = shown(app.run())
    assert "0 of 3" in page
    assert page.count("appear here when a words run is complete.") == 2
    assert "2026-01-02 03:04" in page


def test_what_is_stored_cannot_become_markup(empty, opened) -> None:
    with duckdb.connect(str(empty)) as connection:
        connection.execute("insert into models values (1, '<script>alert(1)</script>', '\"><b>', 'f', 64, 1, 1)")
        connection.execute(
            "insert into runs values (1, 1, '<i>job</i>', '', '{\"<u>\": \"<s>\"}', 'x', '\"><em>', 'cpu', 'float32', "
            "'{}', timestamp '2026-01-02 03:04:05', null, 3, 0, null)"
        )
    page = shown(opened(empty))
    for tag in ("<script>", "<b>", "<i>", "<u>", "<s>", "<em>"):
        assert tag not in page


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "yes"),
        (27761664, "27,761,664"),
        (0.0, "0"),
        (0.012345, "0.0123"),
        (1234.5, "1,234"),
        (-0.5, "−0.500"),
        (-1200, "−1,200"),
        (float("nan"), "nan"),
        (["a", 1], "a, 1"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04"),
        ("two\nlines", "two lines"),
    ],
)
def test_values_are_written_for_people(value, written) -> None:
    assert numbers.text(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(None, ""), (0, "0 s"), (119, "119 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds, written) -> None:
    assert numbers.duration(seconds) == written


@pytest.mark.parametrize(
    ("byte_count", "written"), [(999, "0.999 kB"), (536576, "537 kB"), (302264320, "302 MB"), (1.2e13, "12.0 TB")]
)
def test_file_sizes(byte_count, written) -> None:
    assert numbers.file_size(byte_count) == written


def _alone() -> dict[str, str]:
    """The environment without PYTHONPATH: the entry finds our packages by itself."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_a_page_starts_without_torch_and_ingest(filled) -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(APP)!r}, default_timeout=30).run()\n"
        "assert not app.exception, app.exception\n"
        "print([name for name in ('torch', 'open_clip', 'ingest') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env=_alone() | {"CLIP_WAREHOUSE": str(filled)},
        cwd=HOUSE / "dashboards",
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


def test_word_coverage_counts_by_hand(tmp_path) -> None:
    path = tmp_path / "words.duckdb"
    create_or_update(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            insert into models values (1, 'tiny', 'random-0', 'f', 64, 1, 2);
            insert into runs values (1, 1, 'words', '', '{}', 'x', 'complete', 'cpu', 'float32', '{}',
                timestamp '2026-01-01', timestamp '2026-01-02', 1, 8, 1);
            insert into stimuli values
                (1, 'word', 'eeeeee', null, 'a', 64, 64, false, null),
                (2, 'word', 'hat', null, 'b', 64, 64, false, null),
                (3, 'word', 'rude', null, 'c', 64, 64, true, null),
                (4, 'word', 'cap', null, 'd', 64, 64, false, null),
                (5, 'word', 'immeasurably', null, 'e', 64, 64, false, 'too wide');
            insert into run_stimuli values (1, 1), (1, 2), (1, 3), (1, 4), (1, 5);
            insert into layers values (1, 1, '4/2/6', 4, 2, 6, 0, 'relu', 'm', 2, 7, 7, 'l');
            insert into units values (1, 1, 0, '4/2/6/0', 1, 0), (2, 1, 1, '4/2/6/1', 1, 0);
            insert into baseline_activations values (1, 1, 0.5), (1, 2, 0.25);
        """)
    counted = warehouse.query(
        "select word_count, rejected_word_count, explicit_word_count, baseline_text, first_words from word_coverage",
        warehouse=path,
    )
    assert counted.rows() == [(3, 1, 1, "eeeeee", ["hat", "cap"])]
    layers = warehouse.query("select layer_name, map_height, unit_count from measured_layers", warehouse=path)
    assert layers.rows() == [("4/2/6", 7, 2)]


def test_relation_details_lists_tables_views_and_macros(empty) -> None:
    found = warehouse.query("from relation_details", warehouse=empty)
    kinds = dict(found.select("relation_name", "relation_kind").iter_rows())
    assert (kinds["runs"], kinds["run_details"], kinds["unit_card"]) == ("table", "view", "macro")
    assert found["description"].null_count() == 0
    assert dict(found.select("relation_name", "parameters").iter_rows())["unit_card"] == "unit"


@contextmanager
def served(path: Path) -> Iterator[tuple[str, int]]:
    """The real command's address and process id; ends as Ctrl-C would end it."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    options = ["--headless", "--port", str(port), "--warehouse", str(path)]
    process = subprocess.Popen(
        [*COMMAND, "dashboard", *options], env=_alone(), start_new_session=True, stderr=subprocess.PIPE
    )
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address, process.pid
    finally:
        os.killpg(process.pid, signal.SIGINT)  # its own group: the command and its server, nothing else
        try:
            _, errors = process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert b"Traceback" not in errors


def _wait_for(address: str, process: subprocess.Popen) -> None:
    started = time.monotonic()
    while time.monotonic() - started < START_S:
        assert process.poll() is None, "the command ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer in {START_S} s")


def _mapped_files(pid: int) -> str:
    """The files that a process and its children have in memory."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Path(f"/proc/{pid}/maps").read_text() + "".join(_mapped_files(int(child)) for child in children)


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium: apt-get install chromium")
def test_the_command_opens_in_a_browser(filled) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    complaints: list[str] = []
    with served(filled) as (address, pid), sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        outside: list[str] = []
        page.on("request", lambda request: outside.append(request.url) if address[7:] not in request.url else None)
        page.goto(address)
        page.get_by_role("table", name="Views and macros").wait_for()
        assert page.get_by_text("emoji-rn50 · filled.duckdb").is_visible()
        runs = page.get_by_role("table", name="Runs").inner_text()
        assert "complete" in runs and "emoji-rn50" in runs and "1 of 1" in runs
        page.get_by_role("button", name="SQL").nth(1).click()
        page.get_by_text("from run_details").wait_for()
        assert page.locator('[data-testid="stException"], [data-testid="stAlert"]').count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, "no sideways scrolling"
        assert page.get_by_text("Deploy").count() == 0
        assert [url for url in outside if url.startswith("http")] == [], "nothing is fetched from elsewhere"
        page.emulate_media(color_scheme="dark")
        page.reload()
        page.get_by_role("table", name="Runs").wait_for()
        colour = "element => getComputedStyle(element).backgroundColor"
        assert page.locator('[data-testid="stApp"]').evaluate(colour) == DARK_PAGE, "the theme file is found"
        assert page.locator("th").first.evaluate(colour) == DARK_PAGE, "headings hide what scrolls under them"
        mapped = _mapped_files(pid)
        browser.close()
    assert complaints == []
    assert "streamlit" in mapped or "duckdb" in mapped
    assert "libtorch" not in mapped
