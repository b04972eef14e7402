"""The pages of words, versatility, bottleneck learning, distribution and SQL in headless Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers import pictured
from helpers.begun import Begun
from helpers.measured import measure
from test_dashboard import CHROMIUM, CHROMIUM_OPTIONS, _mapped_files, served
from test_unit_pages import _complaint

# Page and query -> a text that only its data can have put there.
PAGES = {
    "words?word=cap&with=hat": "512 units of 4/2/6",
    "distribution?unit=4/2/6/7": "60 pictures, ",
    "learning?threshold=0.7": "Channels above 0.70",
    "sql?sql=select+6+*+7+as+answer": "1 row in",
    "how_true": "No effects have been measured",
    "two_models": "No other model has been compared with this one",
    "versatility": "No expanded weights have been measured",
}
PATIENCE_MS = 60_000
WORD_COUNT = 600
# In small shards: the writer comes more often than a run of four thousand words would come.
INGEST = """
import sys
import ingest.words.job
ingest.words.job._WORDS_PER_SHARD = 24
from clip_warehouse import main
chosen = ["--file", sys.argv[1], "--layers", "4/2/6"]
sys.exit(main(["ingest", "words", *chosen, "--warehouse", sys.argv[2]]))
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "measured.duckdb"
    words = path.with_name("words.txt")
    words.write_text("hat\ncap\n")
    measure(path, "words", "--file", str(words), "--layers", "4/2/6")
    pictured.fill(path, layer_names=["4/2/6"])
    return path


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium: apt-get install chromium")
def test_each_page_opens_with_its_data_and_keeps_its_address(measured: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    complaints: list[str] = []
    with served(measured) as (address, pid), sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: complaints.append(_complaint(said)) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path, expected in PAGES.items():
            page.goto(f"{address}/{path}")
            page.get_by_text(expected).first.wait_for()
            page.reload()
            page.get_by_text(expected).first.wait_for()
            assert page.locator('[data-testid="stException"]').count() == 0, path
            assert page.evaluate("document.documentElement.scrollWidth") <= 1440, "no sideways scrolling"
        assert "libtorch" not in _mapped_files(pid), "nothing was asked live so far"
        page.goto(f"{address}/overview")
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/sql?sql=drop+table+runs")
        page.locator(".cw-refused").wait_for()
        page.goto(f"{address}/words?word=wizard")
        page.get_by_alt_text("the text wizard as the model saw it").wait_for()
        browser.close()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium: apt-get install chromium")
def test_pages_answer_while_an_ingest_loads(measured: Path, tmp_path: Path) -> None:
    """A writer comes and goes as pages are opened one after the other: each has its data, and then the new words."""
    sync_api = pytest.importorskip("playwright.sync_api")
    words = tmp_path / "more.txt"
    words.write_text("\n".join(["hat", "cap", *(f"w{number}" for number in range(WORD_COUNT))]))
    with served(measured) as (address, _), sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        ingest = Begun(INGEST, str(words), str(measured))
        opened = 0
        while ingest.poll() is None or not opened:
            for path, expected in PAGES.items():
                page.goto(f"{address}/{path}")
                page.get_by_text(expected).first.wait_for()
                assert page.locator('[data-testid="stException"]').count() == 0, path
                assert re.search(r"\block", page.inner_text("body").lower()) is None, f"{path} speaks of a lock"
                opened += 1
        assert ingest.ended()[0] == 0
        page.goto(f"{address}/words?word=w{WORD_COUNT - 1}")
        page.get_by_text("512 units of 4/2/6").first.wait_for()
        browser.close()
