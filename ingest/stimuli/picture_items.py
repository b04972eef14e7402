"""The pictures in a folder, an archive, a table or a list, each as an item: its address, its caption and keywords.

Other files beside the pictures (statistics, embeddings, tables that list the same pictures) are left out and counted.
An archive or table of a folder that cannot be read is an item with its problem, and the rest goes on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.runs.shortages import require_no_shortage
from ingest.stimuli.picture_archives import is_archive, members, read_beginning, read_member
from ingest.stimuli.picture_kinds import BEGINNING_BYTES, begins_as_picture, has_picture_ending, readable_name
from ingest.stimuli.picture_lists import LISTS, listed, listed_in
from ingest.stimuli.picture_notes import NOTES, Note, key_of, noted
from ingest.stimuli.picture_tables import holds_addresses, is_table, table_rows
from warehouse.errors import InputError

_NOTE_BYTES = 16 << 20
_TABLES_OF_NAMES = (".csv", ".tsv", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Item:
    """One picture of a source: its address, what the source says about it, and why it is not available."""

    uri: str
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns of tables and lists a person named; None for those with the usual names."""

    image: str | None = None
    caption: str | None = None


@dataclass
class LeftOut:
    """What a source has besides pictures: files by their suffix, and folders that cannot be read, with reasons."""

    kinds: Counter[str] = field(default_factory=Counter)
    closed_folders: list[tuple[str, str]] = field(default_factory=list)

    def add(self, names: Sequence[str]) -> None:
        self.kinds.update(PurePosixPath(name).suffix.lower() or PurePosixPath(name).name for name in names)


@dataclass
class _Kinds:
    """Names in one folder or archive, by kind."""

    pictures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def items_of(path: Path, uri: str, columns: Columns, left_out: LeftOut) -> Iterator[Item]:
    """The pictures of one source that a person named; uri: its form in addresses. Raises InputError."""
    if path.is_dir():
        yield from _in_folder(path, columns, left_out)
    elif is_archive(path):
        yield from _in_archive(path, uri, left_out)
    elif is_table(path):
        yield from _in_table(path, uri, columns)
    elif path.suffix.lower() in LISTS:
        for address, note in listed(path, columns.image, columns.caption):
            yield Item(address, note.caption, note.keywords)
    else:
        yield Item(uri)


def beside(table: Path, address: str) -> str:
    """A path in a table is relative to the table's own folder."""
    return address if "://" in address else str(table.resolve().parent / address)


def _in_folder(folder: Path, columns: Columns, left_out: LeftOut) -> Iterator[Item]:
    """Files of a folder and below it, links to folders followed once; hidden files are left out."""
    said: dict[str, Note] = {}
    for current, folders, names in _walked(folder.resolve(), left_out):
        kinds = _sorted_out(names, _beginnings_in(current))
        kinds.containers, sidecars = _without_sidecars(current, kinds, folders)
        left_out.add([*kinds.others, *sidecars])
        said |= {str(current / name): note for name, note in _said_by(current, [*kinds.lists, *sidecars])}
        notes = {name: said[str(current / name)] for name in kinds.pictures if str(current / name) in said}
        pictures = dict(noted([*kinds.pictures, *kinds.notes], _reader(current), notes))
        for name in sorted([*pictures, *kinds.containers]):
            uri = readable_name(str(current / name))
            if name in pictures:
                yield Item(uri, pictures[name].caption, pictures[name].keywords)
            else:
                yield from _in_container(current / name, uri, columns, left_out)


def _in_container(path: Path, uri: str, columns: Columns, left_out: LeftOut) -> Iterator[Item]:
    """An archive or table of a folder; one that cannot be read is one item with its problem."""
    try:
        yield from _in_archive(path, uri, left_out) if is_archive(path) else _in_table(path, uri, columns)
    except InputError as error:
        require_no_shortage(error, path)
        yield Item(uri, problem=str(error))


def _in_archive(path: Path, uri: str, left_out: LeftOut) -> Iterator[Item]:
    listing = members(path)
    kinds = _sorted_out(listing.names, lambda name: read_beginning(path, name, BEGINNING_BYTES))
    left_out.add([*kinds.others, *kinds.containers])
    said: dict[str, Note] = {}
    for name in kinds.lists:
        said |= dict(listed_in(name, read_member(path, name, _NOTE_BYTES)))
    for name, note in noted([*kinds.pictures, *kinds.notes], lambda note: read_member(path, note, _NOTE_BYTES), said):
        yield Item(f"{uri}!{name}", note.caption, note.keywords)
    if listing.problem:
        yield Item(uri, problem=listing.problem)


def _in_table(path: Path, uri: str, columns: Columns) -> Iterator[Item]:
    column = f"#{columns.image}" if columns.image else ""
    for row in table_rows(path, columns.image, columns.caption):
        address = f"{uri}#{row.row_index}{column}" if row.address is None else beside(path, row.address)
        yield Item(address, row.caption, row.keywords)


def _walked(folder: Path, left_out: LeftOut) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder once, in the order of names, with the names of its folders and files that are not hidden."""
    seen: set[tuple[int, int]] = set()

    def say_closed(error: OSError) -> None:
        left_out.closed_folders.append((readable_name(str(error.filename)), error.strerror or str(error)))

    for top, folders, names in os.walk(folder, onerror=say_closed, followlinks=True):
        state = Path(top).stat()
        if (state.st_dev, state.st_ino) in seen:
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        yield Path(top), folders, [name for name in names if not name.startswith(".")]


def _sorted_out(names: Sequence[str], beginning: Callable[[str], bytes]) -> _Kinds:
    kinds = _Kinds()
    for name in names:
        suffix = PurePosixPath(name).suffix.lower()
        if has_picture_ending(name):
            kinds.pictures.append(name)
        elif suffix in NOTES:
            kinds.notes.append(name)
        elif suffix in _TABLES_OF_NAMES:
            kinds.lists.append(name)
        elif is_archive(Path(name)) or is_table(Path(name)):
            kinds.containers.append(name)
        elif begins_as_picture(beginning(name)):
            kinds.pictures.append(name)
        else:
            kinds.others.append(name)
    keys = {key_of(name) for name in kinds.pictures}
    kinds.others += [name for name in kinds.notes if key_of(name) not in keys]
    kinds.notes = [name for name in kinds.notes if key_of(name) in keys]
    return kinds


def _without_sidecars(folder: Path, kinds: _Kinds, folders: Sequence[str]) -> tuple[list[str], list[str]]:
    """Archives and tables of a folder, and tables that only list the files beside them (img2dataset's, metadata)."""
    archives = [name for name in kinds.containers if is_archive(Path(name))]
    tables = [name for name in kinds.containers if name not in archives]
    keys = {key_of(name) for name in (*archives, *folders)}
    has_others = bool(archives or kinds.pictures)
    sidecars = [name for name in tables if key_of(name) in keys or (has_others and _lists_only(folder / name))]
    return [*archives, *(name for name in tables if name not in sidecars)], sidecars


def _lists_only(table: Path) -> bool:
    try:
        return holds_addresses(table)
    except InputError as error:  # it will be an item with its problem
        require_no_shortage(error, table)
        return False


def _said_by(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Note]]:
    """What lists and tables of a folder say of the files in it and below, by name from the folder."""
    for name in names:
        try:
            if is_table(Path(name)):
                for row in table_rows(folder / name):
                    yield row.address or "", Note(row.caption, row.keywords)
            else:
                yield from listed_in(name, _read_note(folder / name))
        except InputError as error:  # a table of something else
            require_no_shortage(error, folder / name)


def _beginnings_in(folder: Path) -> Callable[[str], bytes]:
    def beginning(name: str) -> bytes:
        try:
            with (folder / name).open("rb") as file:
                return file.read(BEGINNING_BYTES)
        except OSError as error:
            require_no_shortage(error, folder / name)
            return b""

    return beginning


def _reader(folder: Path) -> Callable[[str], bytes]:
    return lambda name: _read_note(folder / name)


def _read_note(path: Path) -> bytes:
    if path.stat().st_size > _NOTE_BYTES and path.suffix.lower() in NOTES:
        raise InputError(f"{path} is a note of more than {_NOTE_BYTES:,} bytes: remove it")
    return path.read_bytes()
