"""Citations lead somewhere: sections of docs/definitions.md, and files that a comment or a docstring names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECTIONS = frozenset(re.findall(r"^## (\d+)\. ", (ROOT / "docs" / "definitions.md").read_text(), re.MULTILINE))
CITED = re.compile(r"definitions\.md,? sections? (\d+(?:(?:, | and | to )\d+)*)")
PLACES = ("sql", "warehouse", "ingest", "dashboards", "tests", "docs")


def texts() -> Iterator[tuple[Path, str]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            if path.suffix in (".py", ".sql", ".md") and path != Path(__file__):
                yield path, path.read_text()


def cited(text: str) -> set[str]:
    """Numbers of sections; '3 to 6' means those between as well."""
    numbers: set[str] = set()
    for found in CITED.findall(" ".join(re.sub(r"\n\s*(?:--|#)?", " ", text).split())):
        numbers |= set(re.findall(r"\d+", found))
        for first, last in re.findall(r"(\d+) to (\d+)", found):
            numbers |= {str(number) for number in range(int(first), int(last) + 1)}
    return numbers


def test_sections_are_numbered_from_one_without_a_gap() -> None:
    assert {str(number) for number in range(1, len(SECTIONS) + 1)} == SECTIONS


def test_every_cited_section_of_the_definitions_exists() -> None:
    found = {str(path.relative_to(ROOT)): cited(text) for path, text in texts()}
    assert sum(map(bool, found.values())) > 50
    assert {path: numbers - SECTIONS for path, numbers in found.items() if numbers - SECTIONS} == {}


def test_every_mention_of_the_definitions_in_code_and_sql_names_a_section() -> None:
    for path, text in texts():
        if path.suffix != ".md" and path.is_relative_to(ROOT / "tests") is False:
            flat = " ".join(re.sub(r"\n\s*(?:--|#)?", " ", text).split())
            assert flat.count("definitions.md") == len(CITED.findall(flat)), path


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("-- Source: definitions.md section 3", {"3"}),
        ("definitions.md sections 3 and 6", {"3", "6"}),
        ("definitions.md\n-- section 12", {"12"}),
        ("definitions.md sections 2, 4 to 6", {"2", "4", "5", "6"}),
    ],
)
def test_a_citation_is_found_however_it_is_written(text: str, numbers: set[str]) -> None:
    assert cited(text) == numbers


def test_no_code_cites_a_document_that_is_not_there() -> None:
    there = {path.name for path in ROOT.glob("*.md")} | {path.name for path in (ROOT / "docs").glob("*.md")}
    there |= {path.name for path in (ROOT / "ingest" / "assets").rglob("*.md")}
    for path, text in texts():
        if path.suffix != ".md" and not path.is_relative_to(ROOT / "tests"):
            assert set(re.findall(r"\b([a-z_]+\.md)\b", text)) <= there, path
