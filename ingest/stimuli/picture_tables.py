"""Tables of pictures: Parquet and Arrow files with a column of bytes, of {bytes, path} (Hugging Face) or of addresses.

Columns are recognised by their names in LAION's, Hugging Face's and img2dataset's tables, in upper or lower case, or
named by a person. Numbers of a Hugging Face ClassLabel become its names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.stimuli.picture_notes import caption_of, words_of
from warehouse.errors import InputError

TABLES = (".parquet", ".arrow", ".feather", ".ipc")
_PICTURES = ("image", "img", "jpg", "jpeg", "png", "webp", "bytes", "image_bytes", "image_data", "picture", "photo")
_PATHS = (
    *("path", "image_path", "file_name", "filename", "filepath", "file", "url", "image_url", "img_url", "uri", "src"),
    *("link", "image_link", "img_path", "picture_path", "location"),
)
_CAPTIONS = ("caption", "text", "txt", "title", "captions", "top_caption", "alt_text", "alt", "prompt", "description")
_TURN = RLock()  # a Parquet file that two threads read at once ends the process
_PARTS_KEPT = 2
_KEYWORDS = ("keywords", "labels", "label", "tags", "cls", "class", "fine_label", "coarse_label", "category")


@dataclass(frozen=True)
class TableRow:
    """What a table says about one picture; address is None if the table has its bytes."""

    row_index: int
    address: str | None
    caption: str | None
    keywords: tuple[str, ...]


def is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES


def holds_addresses(path: Path) -> bool:
    """Whether a table says where its pictures are instead of holding them. Raises InputError as table_rows."""
    schema = _opened(path).schema
    return _is_text(schema.field(_picture_column(schema, path)).type)


def table_rows(path: Path, image_column: str | None = None, caption_column: str | None = None) -> Iterator[TableRow]:
    """Every row of a table, without its pictures. Raises InputError for a table without a column of them."""
    table = _opened(path)
    holder = _named(table.schema, image_column, path) or _picture_column(table.schema, path)
    is_address = _is_text(table.schema.field(holder).type)
    caption = _named(table.schema, caption_column, path) or _first(table.schema, _CAPTIONS, besides=holder)
    keywords = [name for name in table.schema.names if name.lower() in _KEYWORDS and name not in (holder, caption)]
    class_names = _class_names(table.schema)
    wanted = list(dict.fromkeys([*([holder] if is_address else []), *([caption] if caption else []), *keywords]))
    row_index = 0
    for part in range(table.part_count):
        columns = table.part(part, wanted)
        for row in range(table.part_length(part)):
            words = [
                word for name in keywords for word in words_of(_called(columns[name][row], class_names.get(name, ())))
            ]
            address = columns[holder][row] if is_address else None
            text = caption_of(columns[caption][row]) if caption else None
            yield TableRow(row_index, address, text, tuple(dict.fromkeys(words)))
            row_index += 1


def read_row(path: Path, row_index: int, image_column: str | None = None) -> bytes | str:
    """A row's picture as bytes, or the address that the row has instead. Raises InputError."""
    table = _opened(path)
    part = 0
    while part < table.part_count and row_index >= table.part_length(part):
        row_index -= table.part_length(part)
        part += 1
    if part == table.part_count:
        raise InputError(f"{path.name} has no row {row_index} behind its last")
    with _TURN:
        pictures = _column(path, part, image_column or _picture_column(table.schema, path))
    value = pictures[row_index].as_py()
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if not isinstance(value, bytes | str):
        raise InputError(f"row {row_index} of {path.name} holds no picture")
    return value


class _Parquet:
    """A Parquet file by its row groups."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self.schema = self._file.schema_arrow
        self.part_count = self._file.num_row_groups

    def part_length(self, part: int) -> int:
        return int(self._file.metadata.row_group(part).num_rows)

    def part(self, part: int, names: Sequence[str]) -> dict[str, list[Any]]:
        with _TURN:
            return dict(self._file.read_row_group(part, columns=list(names)).to_pydict()) if names else {}

    def column(self, part: int, name: str) -> Any:
        with _TURN:
            return self._file.read_row_group(part, columns=[name]).column(name).combine_chunks()


class _Arrow:
    """An Arrow file or stream by its record batches, mapped into memory."""

    def __init__(self, path: Path) -> None:
        source = pa.memory_map(str(path))
        try:
            reader = pa.ipc.open_file(source)
            self._batches = [reader.get_batch(index) for index in range(reader.num_record_batches)]
        except pa.ArrowInvalid:
            source.seek(0)
            reader = pa.ipc.open_stream(source)
            self._batches = list(reader)
        self.schema = reader.schema
        self.part_count = len(self._batches)

    def part_length(self, part: int) -> int:
        return int(self._batches[part].num_rows)

    def part(self, part: int, names: Sequence[str]) -> dict[str, list[Any]]:
        return {name: self._batches[part].column(name).to_pylist() for name in names}

    def column(self, part: int, name: str) -> Any:
        return self._batches[part].column(name)


@lru_cache(maxsize=4)
def _opened(path: Path) -> _Parquet | _Arrow:
    try:
        return _Parquet(path) if path.suffix.lower() == ".parquet" else _Arrow(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is not a readable table ({str(error).splitlines()[0]})") from error


@lru_cache(maxsize=_PARTS_KEPT)
def _column(path: Path, part: int, name: str) -> Any:
    """The pictures of a row group, kept while others of it are read; two, as threads cross a border separately."""
    return _opened(path).column(part, name)


def _picture_column(schema: pa.Schema, path: Path) -> str:
    name = _first(schema, _PICTURES) or _first(schema, _PATHS)
    if name is None:
        raise InputError(
            f"{path} has no column of pictures: it has {', '.join(schema.names)}; name one with --image-column, or "
            f"call it {', '.join((*_PICTURES[:3], *_PATHS[:2], 'url'))}"
        )
    return name


def _named(schema: pa.Schema, name: str | None, path: Path) -> str | None:
    if name is not None and name not in schema.names:
        raise InputError(f"{path} has no column {name!r}: it has {', '.join(schema.names)}")
    return name


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Names of a Hugging Face ClassLabel's numbers, by column, from what the data set's library wrote into the file."""
    try:
        features = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))["info"]["features"]
        described = {name: feature.get("feature", feature) for name, feature in features.items()}
        return {name: list(feature["names"]) for name, feature in described.items() if "names" in feature}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _called(value: object, names: Sequence[str]) -> object:
    """A class's number, or several, as names where they have any; -1 is Hugging Face's for no label."""
    if isinstance(value, list):
        return [_called(one, names) for one in value]
    if names and value == -1:
        return None
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _first(schema: pa.Schema, names: Sequence[str], besides: str | None = None) -> str | None:
    """The column that has the first of the names, in any case."""
    known = {name.lower(): name for name in reversed(schema.names) if name != besides}
    return next((known[name] for name in names if name in known), None)
