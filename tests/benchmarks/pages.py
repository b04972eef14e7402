"""How long a unit page and the next one take in a browser, on 50 million weight pairs and 20 million activations.

Run: python tests/benchmarks/pages.py [FILE]   (the file is made when it is not there: about 1.5 GB, some minutes)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

HOUSE = Path(__file__).parent.parent.parent
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402

from test_dashboard import CHROMIUM, CHROMIUM_OPTIONS, served  # noqa: E402
from warehouse.schema import create_or_update  # noqa: E402

ROWS = Path(__file__).with_suffix(".sql")
LAYERS = ("4/2/6", "4/2/6", "4/2/5", "4/1/6")
# Asked in every frame, where a locator asks again after up to half a second.
WHOLE = """heading => {
    const found = selector => [...document.querySelectorAll(selector)].map(element => element.textContent)
    return found("h1").some(text => text.includes(heading)) && found("h2").some(text => text.includes("Neighbours"))
        && !document.querySelector('[data-testid="stStatusWidget"], [data-stale="true"], [data-testid="stSkeleton"]')
}"""


def make(path: Path) -> None:
    """The random warehouse."""
    create_or_update(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS.read_text(encoding="utf-8"))


def seconds(page: Any, act: Callable[[], Any], heading: str) -> float:
    """From an action until the page of `heading` is whole: its last section there, nothing stale."""
    started = time.monotonic()
    act()
    page.wait_for_function(WHOLE, arg=heading)
    return time.monotonic() - started


def units(path: Path) -> list[str]:
    """One unit of each of the layers, in the middle of it and not twice the same."""
    with duckdb.connect(str(path), read_only=True) as connection:
        counts = dict(connection.execute("select layer_name, channel_count from layers").fetchall())
    return [f"{layer}/{counts[layer] // 2 + 10 * place}" for place, layer in enumerate(LAYERS)]


def main(path: Path) -> None:
    if not path.exists():
        make(path)
    shown = units(path)
    layer, _, channel = shown[-1].rpartition("/")
    following = [f"{layer}/{int(channel) + step}" for step in range(1, 7)]
    with served(path) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator("h1").first.wait_for()  # the server has started
        opened = [seconds(page, lambda unit=unit: page.goto(f"{address}/unit?unit={unit}"), unit) for unit in shown]
        follow = page.get_by_role("link", name="next unit")
        followed = [seconds(page, follow.click, unit) for unit in following]
        browser.close()
    print("a unit page, opened:", " ".join(f"{one:.2f}" for one in opened), f"s, median {median(opened):.2f} s")
    print("the next unit:", " ".join(f"{one:.2f}" for one in followed), f"s, median {median(followed):.2f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "benchmark-pages.duckdb"))
