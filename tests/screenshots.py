"""Pictures of every page, 1440 x 900, light ones into docs/pictures/, dark ones into build/pictures/: make screenshots.

Pages are opened in headless Chromium over the warehouse that is named on the command line; nothing is drawn by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from test_dashboard import CHROMIUM, CHROMIUM_OPTIONS, HOUSE, served

PAGES = {
    "overview": "",
    "find": "find?text=hat",
    "unit": "unit",
    "circuit": "circuit",
    "words": "words",
    "picture": "picture",
    "how_true": "how_true",
    "two_models": "two_models",
    "versatility": "versatility?unit=1/2/6/7",
    "learning": "learning",
    "distribution": "distribution",
    "sql": "sql?chart=bars&sql=from+word_top_units+where+word+%3D+%27dog%27+and+layer_name+%3D+%274/2/6%27+"
    "order+by+unit_rank+limit+40",
}
FOLDERS = {"light": HOUSE / "docs" / "pictures", "dark": HOUSE / "build" / "pictures"}
MOVING = '[data-testid="stStatusWidget"], [data-testid="stSpinner"], [data-stale="true"]'
SETTLED = f"() => !document.querySelector('{MOVING}')"
_PATIENCE_MS, _PAUSE_MS = 90_000, 2_500


def take(page: Page, address: str, file: Path) -> None:
    """One page, once nothing on it is on its way any more."""
    page.goto(address)
    page.wait_for_selector(".cw-head, .cw-chip.cw-large", timeout=_PATIENCE_MS)
    page.wait_for_timeout(_PAUSE_MS)
    page.wait_for_function(SETTLED, timeout=_PATIENCE_MS)
    page.wait_for_timeout(_PAUSE_MS)
    page.screenshot(path=str(file))
    print(file.relative_to(HOUSE))


def main(warehouse: Path) -> None:
    with served(warehouse) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        for scheme, folder in FOLDERS.items():
            folder.mkdir(parents=True, exist_ok=True)
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
            for name, path in PAGES.items():
                take(page, f"{address}/{path}", folder / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
