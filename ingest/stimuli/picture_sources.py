"""Where pictures come from: SOURCE as items in a fixed order, and any picture's bytes again from its address.

SOURCE is a folder (with all below it), a zip, a tar of webdataset, a Parquet or Arrow table, a text file of URLs, a
single picture, or several of these with commas and braces (set-{000..009}.tar). An address leads back to the bytes:
PATH, ARCHIVE!MEMBER, TABLE#ROW, https://..., with `bundled:` in front where the picture came with the program.
"""

from __future__ import annotations

import json
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ingest.assets import ASSETS
from ingest.stimuli.downloads import Downloads, Limits, default_cache
from ingest.stimuli.picture_tables import TABLES, is_table, read_row, table_rows
from warehouse.errors import InputError

BUNDLED = "bundled:"
BUNDLED_SET = f"{BUNDLED}emoji-pictures/pictures.parquet"
BYTES_LIMIT = 128 << 20
_NOTES = (".txt", ".json", ".cls")  # of the picture with the same name before the ending; never pictures themselves
_RANGE = re.compile(r"\{([0-9]{1,9})\.\.([0-9]{1,9})\}")
_MOST_PARTS = 1_000_000
_CHOICE = re.compile(r"\{([^{}]*)\}")
_COMMA = re.compile(r",(?![^{]*\})")


@dataclass(frozen=True)
class Item:
    """One picture of a source: its address, and what the source says of it."""

    uri: str
    caption: str | None = None
    keywords: tuple[str, ...] = ()


def items(source: str) -> Iterator[Item]:
    """The pictures of a source, in an order that depends on its names alone. Raises InputError."""
    for part in [source] if _exists(source) else _parts(source):
        path = _path_of(part)
        if not _exists(part):
            raise InputError(
                f"no pictures at {part}: take a folder, a zip, a tar, a table ({', '.join(TABLES)}) or a .txt of URLs"
            )
        yield from _items_of(path, part if part.startswith(BUNDLED) else str(path.resolve()))


def read_picture(uri: str, cache: Path | None = None) -> bytes:
    """The bytes of the picture at an address; URLs are downloaded once, into `cache`.

    Raises InputError or OSError: a file that is gone, larger than BYTES_LIMIT, a dead link.
    """
    if "://" in uri:
        return _downloads(cache or default_cache() / "pictures").get(uri)
    path = _path_of(uri)
    if path.is_file():
        return _read_file(path)
    for mark in re.finditer("[!#]", uri):
        container = _path_of(uri[: mark.start()])
        if container.is_file():
            return _read_member(container, mark.group(), uri[mark.end() :], cache)
    raise InputError(f"no picture at {uri}: it was moved or removed")


def _items_of(path: Path, uri: str) -> Iterator[Item]:
    suffix = path.suffix.lower()
    if path.is_dir():
        yield from _in_folder(path)
    elif suffix == ".zip":
        yield from _in_archive(uri, _zip_names(path), lambda name: _read_member(path, "!", name, None))
    elif suffix == ".tar":
        yield from _in_archive(uri, list(_tar_members(path)), lambda name: _read_member(path, "!", name, None))
    elif is_table(path):
        for row in table_rows(path):
            address = f"{uri}#{row.row_index}" if row.address is None else _beside(path, row.address)
            yield Item(address, row.caption, row.keywords)
    elif suffix == ".txt":
        yield from _in_list(path)
    else:
        yield Item(uri)


def _in_folder(folder: Path) -> Iterator[Item]:
    """Files of a folder and below it; archives and tables among them are opened, hidden files and notes left out."""
    for top, folders, names in os.walk(folder.resolve()):
        current = Path(top)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name, caption, keywords in _noted([n for n in names if not n.startswith(".")], _reader(current)):
            path = current / name
            if path.suffix.lower() in (".zip", ".tar") or is_table(path):
                yield from _items_of(path, str(path))
            else:
                yield Item(str(path), caption, keywords)


def _in_archive(uri: str, names: Sequence[str], read: Callable[[str], bytes]) -> Iterator[Item]:
    for name, caption, keywords in _noted(names, read):
        yield Item(f"{uri}!{name}", caption, keywords)


def _in_list(path: Path) -> Iterator[Item]:
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        if line.strip() and not line.startswith("#"):
            yield Item(line.strip() if "://" in line else f"https://{line.strip()}")


def _noted(names: Sequence[str], read: Callable[[str], bytes]) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    """The pictures among names, sorted, each with what its notes (same name, .txt, .json or .cls) say."""
    known = frozenset(names)
    for name in sorted(names):
        if PurePosixPath(name).suffix.lower() in _NOTES:
            continue
        stem = str(PurePosixPath(name).with_suffix("")) if PurePosixPath(name).suffix else name
        notes = {suffix: read(stem + suffix) for suffix in _NOTES if stem + suffix in known}
        yield name, *_said(notes)


def _said(notes: dict[str, bytes]) -> tuple[str | None, tuple[str, ...]]:
    text = {suffix: content.decode("utf-8", "replace").strip() for suffix, content in notes.items()}
    try:
        described = json.loads(text.get(".json", "{}"))
    except ValueError:
        described = {}
    described = described if isinstance(described, dict) else {}
    caption = text.get(".txt") or described.get("caption") or described.get("text")
    words = [word for key in ("keywords", "labels", "label", "tags") for word in _listed(described.get(key))]
    return (str(caption) if caption else None), tuple(dict.fromkeys([*words, *_listed(text.get(".cls"))]))


def _listed(value: object) -> list[str]:
    if value is None or value == "":
        return []
    return [str(word) for word in value] if isinstance(value, list) else [str(value)]


def _read_member(container: Path, mark: str, member: str, cache: Path | None) -> bytes:
    if mark == "#":
        found = read_row(container, int(member))
        return found if isinstance(found, bytes) else read_picture(_beside(container, found), cache)
    try:
        return (
            _read_zipped(container, member) if container.suffix.lower() == ".zip" else _read_tarred(container, member)
        )
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputError(f"cannot read {member} of {container.name}: {error}") from error


def _read_file(path: Path) -> bytes:
    _require_small(path.stat().st_size)
    return path.read_bytes()


def _read_zipped(path: Path, member: str) -> bytes:
    archive = _opened_zip(path)
    _require_small(archive.getinfo(member).file_size)
    return archive.read(member)


def _read_tarred(path: Path, member: str) -> bytes:
    offset, size = _tar_members(path)[member]
    _require_small(size)
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(size)
    if len(content) < size:
        raise InputError(f"{path.name} ends inside {member}")
    return content


@lru_cache(maxsize=4)
def _downloads(cache: Path) -> Downloads:
    """One for all threads, which then take turns at each host."""
    return Downloads(cache, Limits(size_bytes=BYTES_LIMIT))


@lru_cache(maxsize=4)
def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is no zip ({error})") from error


def _zip_names(path: Path) -> list[str]:
    return [info.filename for info in _opened_zip(path).infolist() if not info.is_dir() and _is_shown(info.filename)]


@lru_cache(maxsize=4)
def _tar_members(path: Path) -> dict[str, tuple[int, int]]:
    """Offset and size of each file in a tar that is not compressed: members are read without the ones before."""
    try:
        with tarfile.open(path, "r:") as archive:
            shown = (info for info in archive if info.isfile() and _is_shown(info.name))
            return {info.name: (info.offset_data, info.size) for info in shown}
    except tarfile.TarError as error:
        raise InputError(f"{path} is no plain tar ({error}): a compressed one must be unpacked first") from error


def _is_shown(name: str) -> bool:
    return not PurePosixPath(name).name.startswith(".") and not name.startswith("__MACOSX/")


def _reader(folder: Path) -> Callable[[str], bytes]:
    return lambda name: _read_file(folder / name)


def _require_small(size_bytes: int) -> None:
    if size_bytes > BYTES_LIMIT:
        raise InputError(f"a file of {size_bytes:,} bytes, more than {BYTES_LIMIT:,}")


def _path_of(uri: str) -> Path:
    return ASSETS / uri.removeprefix(BUNDLED) if uri.startswith(BUNDLED) else Path(uri)


def _beside(table: Path, address: str) -> str:
    """A path in a table is meant from the table's own folder."""
    return address if "://" in address else str(table.resolve().parent / address)


def _parts(source: str) -> Iterator[str]:
    """SOURCE with its commas and braces written out: a-{00..02}.tar, b-{x,y}.tar."""
    for part in _COMMA.split(source):
        yield from _unfolded(part.strip())


def _exists(part: str) -> bool:
    try:
        return _path_of(part).exists()
    except OSError:  # too long to be a name
        return False


def _numbers(part: str, low: str, high: str) -> list[str]:
    if int(high) - int(low) >= _MOST_PARTS:
        raise InputError(f"{part} names {int(high) - int(low) + 1:,} sources: take at most {_MOST_PARTS:,}")
    return [str(number).zfill(len(low)) for number in range(int(low), int(high) + 1)]


def _unfolded(part: str) -> Iterator[str]:
    if found := _RANGE.search(part):
        choices = _numbers(part, *found.groups())
    elif found := _CHOICE.search(part):
        choices = found.group(1).split(",")
    else:
        yield part
        return
    for choice in choices:
        yield from _unfolded(part[: found.start()] + choice + part[found.end() :])
