"""The generated tables of docs/ are up to date, every page and picture that is linked exists, and each is linked."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from clip_warehouse import command_line

ROOT = Path(__file__).parent.parent
TABLES = runpy.run_path(str(ROOT / "docs" / "tables.py"))
CARDS = sorted((ROOT / "ingest" / "assets").glob("*/[MT]*.md"))  # of the bundled model
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *CARDS]


def test_the_tables_of_commands_and_relations_are_as_make_docs_writes_them() -> None:
    assert (ROOT / "docs" / "commands.md").read_text() == TABLES["commands"](command_line()), "make docs"
    assert (ROOT / "docs" / "relations.md").read_text() == TABLES["relations"](), "make docs"


def test_a_table_of_commands_tells_every_option() -> None:
    parser = command_line()
    text = TABLES["commands"](parser)
    assert "| `--top TOP` | how many units (10) |" in text
    assert "| `SOURCE` | a folder, zip" in text


def links(page: Path) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_every_page_and_picture_of_docs_is_shown_somewhere() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in links(page)}
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "pictures").glob("*.png")]
    assert [file.name for file in files if file.resolve() not in shown] == []
