"""Tables of pictures: Parquet and Arrow files with a column of bytes, of {bytes, path} (Hugging Face) or of paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import InputError

TABLES = (".parquet", ".arrow", ".feather", ".ipc")
_PICTURES = ("image", "jpg", "jpeg", "png", "webp", "bytes", "image_bytes")
_PATHS = ("path", "image_path", "file_name", "file", "url", "image_url", "uri")
_CAPTIONS = ("caption", "text", "txt", "title")
_TURN = RLock()  # a Parquet file that two threads read at once ends the process
_PARTS_KEPT = 2
_KEYWORDS = ("keywords", "labels", "label", "tags", "cls")


@dataclass(frozen=True)
class TableRow:
    """What a table says of one picture; address is None where the table holds its bytes."""

    row_index: int
    address: str | None
    caption: str | None
    keywords: tuple[str, ...]


def is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES


def table_rows(path: Path) -> Iterator[TableRow]:
    """Every row of a table, without its pictures. Raises InputError for a table without a column of them."""
    table = _opened(path)
    holder = _picture_column(table.schema, path)
    is_address = _is_text(table.schema.field(holder).type)
    caption = _first(table.schema, _CAPTIONS)
    keywords = [name for name in _KEYWORDS if name in table.schema.names]
    wanted = [*([holder] if is_address else []), *([caption] if caption else []), *keywords]
    row_index = 0
    for part in range(table.part_count):
        found = table.part(part, wanted)
        for row in range(table.part_length(part)):
            values = {name: found[name][row] for name in wanted}
            words = [word for name in keywords for word in _listed(values[name])]
            text = values[caption] if caption else None
            address = values[holder] if is_address else None
            yield TableRow(row_index, address, str(text) if text else None, tuple(dict.fromkeys(words)))
            row_index += 1


def read_row(path: Path, row_index: int) -> bytes | str:
    """A row's picture as bytes, or the path that the row holds instead. Raises InputError."""
    table = _opened(path)
    part = 0
    while part < table.part_count and row_index >= table.part_length(part):
        row_index -= table.part_length(part)
        part += 1
    if part == table.part_count:
        raise InputError(f"{path.name} has no row {row_index} behind its last")
    with _TURN:
        pictures = _column(path, part, _picture_column(table.schema, path))
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
        raise InputError(f"{path} is no readable table ({str(error).splitlines()[0]})") from error


@lru_cache(maxsize=_PARTS_KEPT)
def _column(path: Path, part: int, name: str) -> Any:
    """One row group's pictures, kept while their neighbours are read; two, because threads cross a border apart."""
    return _opened(path).column(part, name)


def _picture_column(schema: pa.Schema, path: Path) -> str:
    name = _first(schema, _PICTURES) or _first(schema, _PATHS)
    if name is None:
        known = ", ".join((*_PICTURES, *_PATHS))
        raise InputError(
            f"{path} has no column of pictures: it has {', '.join(schema.names)}, one of {known} is needed"
        )
    return name


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _first(schema: pa.Schema, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in schema.names), None)


def _listed(value: object) -> list[str]:
    if value is None or value == "":
        return []
    return [str(word) for word in value] if isinstance(value, list) else [str(value)]
