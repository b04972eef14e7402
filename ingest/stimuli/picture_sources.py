"""Where pictures come from: SOURCE as items in a fixed order, and any picture's bytes again from its address.

SOURCE is a folder (with all below it), a zip, a tar of webdataset (compressed ones, too), a Parquet or Arrow table, a
list of addresses or paths (.txt, .csv, .tsv, .jsonl), a single picture, or several of these with commas and braces
(set-{000..009}.tar). An address leads back to the bytes: PATH, ARCHIVE!MEMBER, TABLE#ROW, TABLE#ROW#COLUMN, https://...,
with `bundled:` in front where the picture came with the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from ingest.assets import ASSETS
from ingest.stimuli.downloads import Downloads, Limits
from ingest.stimuli.picture_archives import read_member, require_small
from ingest.stimuli.picture_items import Columns, Item, LeftOut, beside, items_of
from ingest.stimuli.picture_kinds import own_name, readable_name
from ingest.stimuli.picture_lists import LISTS
from ingest.stimuli.picture_tables import TABLES, read_row
from warehouse.cache import default_cache
from warehouse.errors import InputError, UsageError

BUNDLED = "bundled:"
BUNDLED_SET = f"{BUNDLED}emoji-pictures/pictures.parquet"
BYTES_LIMIT = 128 << 20
_RANGE = re.compile(r"\{([0-9]{1,9})\.\.([0-9]{1,9})\}")
_MOST_PARTS = 1_000_000
_CHOICE = re.compile(r"\{([^{}]*)\}")
_COMMA = re.compile(r",(?![^{]*\})")


def items(
    sources: str | Sequence[str], columns: Columns | None = None, left_out: LeftOut | None = None
) -> Iterator[Item]:
    """The pictures of one or several sources, in an order that depends only on their names.

    left_out counts the other files while they are read. Raises InputError, UsageError for an empty SOURCE.
    """
    columns, left_out = columns or Columns(), LeftOut() if left_out is None else left_out
    for source in [sources] if isinstance(sources, str) else sources:
        for part in [source] if _exists(source) else list(_parts(source)):
            if not _exists(part):
                raise InputError(
                    f"no pictures at {readable_name(part)}: take a folder, a zip, a tar, a table ({', '.join(TABLES)}) "
                    f"or a list ({', '.join(LISTS)}) of paths or https addresses"
                )
            path = _path_of(part)
            uri = part if part.startswith(BUNDLED) else readable_name(str(path.resolve()))
            yield from items_of(path, uri, columns, left_out)


def read_picture(uri: str, cache: Path | None = None) -> bytes:
    """The bytes of the picture at an address; URLs are downloaded once, into `cache`.

    Raises InputError or OSError: a file that is gone, larger than BYTES_LIMIT, a dead link.
    """
    if "://" in uri:
        return _downloads(cache or default_cache() / "pictures").get(uri)
    path = _path_of(uri)
    if path.is_file():
        require_small(path.stat().st_size, BYTES_LIMIT)
        return path.read_bytes()
    for mark in re.finditer("[!#]", uri):
        container = _path_of(uri[: mark.start()])
        if container.is_file():
            if mark.group() == "!":
                return read_member(container, uri[mark.end() :], BYTES_LIMIT)
            return _read_row(container, uri[mark.end() :], cache)
    raise InputError(f"no picture at {uri}: it was moved or removed")


def _read_row(table: Path, place: str, cache: Path | None) -> bytes:
    row_index, _, column = place.partition("#")
    picture = read_row(table, int(row_index), column or None)
    return picture if isinstance(picture, bytes) else read_picture(beside(table, picture), cache)


@lru_cache(maxsize=4)
def _downloads(cache: Path) -> Downloads:
    """One object for all threads, which then take turns at each host."""
    return Downloads(cache, Limits(size_bytes=BYTES_LIMIT))


def _path_of(uri: str) -> Path:
    """The file that an address means: as it is written, else with the bytes that are not UTF-8."""
    if uri.startswith(BUNDLED):
        return ASSETS / uri.removeprefix(BUNDLED)
    path = Path(uri).expanduser() if uri.startswith("~") else Path(uri)
    if "%" in uri and not path.exists():
        own = Path(own_name(uri))
        return own if own.exists() else path
    return path


def _parts(source: str) -> Iterator[str]:
    """SOURCE with its commas and braces written out: a-{00..02}.tar, b-{x,y}.tar. Raises UsageError for no name."""
    for part in _COMMA.split(source):
        if not part.strip():
            raise UsageError(f"SOURCE {source!r} has an empty piece: is a variable not set, or a comma too many?")
        yield from _unfolded(part.strip())


def _exists(part: str) -> bool:
    try:
        return part != "" and _path_of(part).exists()
    except (OSError, ValueError):  # too long to be a name, or with a NUL in it
        return False


def _numbers(part: str, low: str, high: str) -> list[str]:
    if int(high) - int(low) >= _MOST_PARTS:
        raise InputError(f"{part} names {int(high) - int(low) + 1:,} sources: take at most {_MOST_PARTS:,}")
    return [str(number).zfill(len(low)) for number in range(int(low), int(high) + 1)]


def _unfolded(part: str) -> Iterator[str]:
    if match := _RANGE.search(part):
        choices = _numbers(part, *match.groups())
    elif match := _CHOICE.search(part):
        choices = match.group(1).split(",")
    else:
        yield part
        return
    for choice in choices:
        yield from _unfolded(part[: match.start()] + choice + part[match.end() :])
