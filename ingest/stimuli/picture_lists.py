"""Lists of pictures as text: addresses or paths, one per line (.txt), or a column among others (.csv, .tsv, .jsonl)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.stimuli.picture_kinds import has_picture_ending, readable_name
from ingest.stimuli.picture_notes import Note, address_in, note_of
from warehouse.errors import InputError

LISTS = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson")
_SITE = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?/\S")


def listed(
    path: Path, image_column: str | None = None, caption_column: str | None = None
) -> Iterator[tuple[str, Note]]:
    """Every picture of a list: where it is, and what the list says about it. Raises InputError."""
    content = path.read_bytes()
    if path.suffix.lower() == ".txt":
        rows: Iterator[Mapping[str, object]] = _plain_rows(_text_of(content))
    else:
        rows = _table_rows(path.name, _text_of(content), image_column)
    for row in rows:
        address = _value(row, image_column) if image_column else address_in(row)
        if address:
            said = note_of(row)
            yield (
                _place(path, address),
                Note(_value(row, caption_column) if caption_column else said.caption, said.keywords),
            )


def listed_in(name: str, content: bytes) -> Iterator[tuple[str, Note]]:
    """What a list among pictures says about them, by the name in the list, relative to the list's own folder."""
    folder, mark, _ = name.rpartition("/")
    try:
        for row in _table_rows(name, _text_of(content), None):
            if address := address_in(row):
                yield f"{folder}{mark}{address.removeprefix('./')}", note_of(row)
    except InputError:  # a table of something else
        return


def _plain_rows(text: str) -> Iterator[Mapping[str, object]]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            address, _, caption = line.strip().partition("\t")
            yield {"path": address.strip(), "caption": caption.strip() or None}


def _table_rows(name: str, text: str, image_column: str | None) -> Iterator[Mapping[str, object]]:
    if name.lower().endswith((".jsonl", ".ndjson")):
        return _objects(name, text)
    return _rows(name, text, image_column)


def _objects(name: str, text: str) -> Iterator[Mapping[str, object]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as error:
                raise InputError(f"{name} line {number} is not JSON ({error}): write one object a line") from error
            yield value if isinstance(value, dict) else {"path": value}


def _rows(name: str, text: str, image_column: str | None) -> Iterator[Mapping[str, object]]:
    """Rows of a CSV or TSV by its heading; without one, the first column that holds addresses."""
    heading = text.partition("\n")[0]
    mark = "\t" if "\t" in heading else ";" if heading.count(";") > heading.count(",") else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if row]
    names = rows[0] if rows else []
    places = [index for index, value in enumerate(names) if _is_address(value)]
    if image_column in names or address_in(dict.fromkeys(names, "x")):
        for row in rows[1:]:
            yield dict(zip(names, row, strict=False))
    elif places and image_column is None:
        for row in rows:
            yield {"path": row[places[0]] if len(row) > places[0] else None}
    else:
        wanted = f"no column {image_column!r}" if image_column else "no column of pictures"
        raise InputError(f"{name} has {wanted}: it has {', '.join(names) or 'no rows'}; name one with --image-column")


def _text_of(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "surrogateescape")


def _value(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    return str(value) if value not in (None, "") else None


def _is_address(text: str) -> bool:
    return "://" in text or has_picture_ending(text)


def _place(path: Path, address: str) -> str:
    """An address as it is, a path relative to the list's own folder; a site's name without https: is an address too."""
    if "://" in address:
        return address
    beside = path.resolve().parent / Path(address).expanduser()
    return readable_name(str(beside)) if beside.exists() or not _SITE.match(address) else f"https://{address}"
