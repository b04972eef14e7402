"""The inventory of a picture set: a first pass over all bytes, because content decides the identity of a run.

Its rows are the distinct pictures in the order of the source, in a Parquet file; the same bytes twice are one picture,
and the first address with them is kept. Memory: about 50 bytes a picture while duplicates are found; nothing else
grows.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.stimuli.decoding import Hashed, hash_all, unreadable
from ingest.stimuli.picture_items import Item
from warehouse.errors import InputError, SetUnanswered
from warehouse.wording import number_of

KEPT_PICTURES = 1_024
_SCHEMA = pa.schema(
    {
        "uri": pa.string(),
        "caption": pa.string(),
        "keywords": pa.list_(pa.string()),
        "content_sha256": pa.string(),
        "error_message": pa.string(),
    }
)
_CHUNK = 64
_LEAST_SHARE = 0.1  # of the files given; below it, the source is most likely a mistake
_CHUNKS_PER_GROUP = 32
_THREADS = 8
_DIGEST_BYTES = 16
_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Picture:
    """One distinct picture of a set; error_message says why its bytes are not available."""

    uri: str
    caption: str | None
    keywords: tuple[str, ...]
    content_sha256: str
    error_message: str | None


@dataclass(frozen=True)
class Inventory:
    """A set on disk. last_kept_sha256 bounds the sample: its pictures are those whose hash is not larger."""

    file: Path
    given_count: int
    picture_count: int
    set_sha256: str
    last_kept_sha256: str

    def pictures(self, places: range) -> list[Picture]:
        """The pictures at these places of the set, reading only their row groups."""
        hashed: list[Picture] = []
        table, first = pq.ParquetFile(self.file), 0
        for group in range(table.num_row_groups):
            count = table.metadata.row_group(group).num_rows
            if first < places.stop and places.start < first + count:
                skipped = max(0, places.start - first)
                rows = table.read_row_group(group).slice(skipped, min(places.stop - first, count) - skipped)
                hashed += [Picture(**{**row, "keywords": tuple(row["keywords"])}) for row in rows.to_pylist()]
            first += count
        return hashed

    def is_kept(self, picture: Picture) -> bool:
        return picture.content_sha256[: 2 * _DIGEST_BYTES] <= self.last_kept_sha256


def take_inventory(
    items: Iterable[Item],
    folder: Path,
    advance: Callable[[int], None] = lambda _: None,
    *,
    keeps_unanswered: bool = False,
    keeps_unreadable: bool = False,
) -> Inventory:
    """Read every picture's bytes once and write the inventory.

    Raises InputError for a set without pictures, and for one with hardly any pictures, which would hide a good run
    (unless `keeps_unreadable`). Raises SetUnanswered when a site does not answer, because the set would be another one
    once it does; with `keeps_unanswered` such pictures get an error_message, like those with a dead link.
    """
    given, digests = folder / "given.parquet", bytearray()
    unanswered, readable = _Unanswered(), _Readable()
    with pq.ParquetWriter(given, _SCHEMA) as writer:
        for chunks in _batched(_hashed(items, advance), _CHUNKS_PER_GROUP):
            hashed = [one for _, part in chunks for one in part]
            writer.write_table(_table([item for part, _ in chunks for item in part], hashed))
            unanswered.add(chunks)
            readable.add(chunks)
            for one in hashed:
                digests += bytes.fromhex(one.content_sha256)[:_DIGEST_BYTES]
    if not digests:
        raise InputError("the source holds no pictures")
    if unanswered.count and not keeps_unanswered:
        raise SetUnanswered(unanswered.count, len(digests) // _DIGEST_BYTES, *unanswered.first)
    readable.require(keeps_unreadable)
    is_first, last_kept = _first_of_each(digests)
    set_sha256 = _write_distinct(given, folder / "pictures.parquet", is_first)
    given.unlink()
    return Inventory(folder / "pictures.parquet", len(is_first), int(is_first.sum()), set_sha256, last_kept)


def _hashed(items: Iterable[Item], advance: Callable[[int], None]) -> Iterator[tuple[list[Item], list[Hashed]]]:
    """Chunks of items with their hashes, in order; threads, because reading and hashing hold no lock."""
    waiting: deque[tuple[list[Item], Future[list[Hashed]]]] = deque()
    chunks = _batched(items, _CHUNK)
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            for chunk in islice(chunks, 2 * _THREADS - len(waiting)):
                waiting.append((chunk, pool.submit(_hash, chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            yield chunk, future.result()
            advance(len(chunk))


def _hash(chunk: list[Item]) -> list[Hashed]:
    """Hashes of a chunk's bytes; what is known to be unreadable is not read."""
    hashed = iter(hash_all([item.uri for item in chunk if item.problem is None]))
    return [next(hashed) if item.problem is None else unreadable(item.uri, item.problem) for item in chunk]


class _Readable:
    """How many files begin like a picture; address and reason of the first that does not."""

    def __init__(self) -> None:
        self.count, self.given_count, self.first = 0, 0, ""

    def add(self, chunks: list[tuple[list[Item], list[Hashed]]]) -> None:
        for item, one in (pair for chunk, hashed in chunks for pair in zip(chunk, hashed, strict=True)):
            self.given_count += 1
            self.count += one.is_picture or one.is_unanswered
            if not one.is_picture:
                self.first = self.first or f"{item.uri} ({one.error_message or 'not a picture'})"

    def require(self, keeps_unreadable: bool) -> None:
        if not self.count:
            raise InputError(
                f"no picture is among the {number_of(self.given_count, 'file')} given, the first {self.first}"
            )
        if self.count < _LEAST_SHARE * self.given_count and not keeps_unreadable:
            raise InputError(
                f"only {self.count:,} of the {self.given_count:,} files given are pictures; the first that is not: "
                f"{self.first}. Give the right source, or --unreadable keep to keep these as rows with their reason"
            )


class _Unanswered:
    """How many pictures' sites did not answer; address and reason of the first."""

    def __init__(self) -> None:
        self.count, self.first = 0, ("", "")

    def add(self, chunks: list[tuple[list[Item], list[Hashed]]]) -> None:
        for item, one in (pair for chunk, hashed in chunks for pair in zip(chunk, hashed, strict=True)):
            if one.is_unanswered:
                self.first = self.first if self.count else (item.uri, one.error_message or "")
                self.count += 1


def _batched(things: Iterable[_Thing], size: int) -> Iterator[list[_Thing]]:
    iterator = iter(things)
    return iter(lambda: list(islice(iterator, size)), [])


def _table(chunk: list[Item], hashed: list[Hashed]) -> pa.Table:
    return pa.table(
        {
            "uri": [item.uri for item in chunk],
            "caption": [item.caption for item in chunk],
            "keywords": [list(item.keywords) for item in chunk],
            "content_sha256": [one.content_sha256 for one in hashed],
            "error_message": [one.error_message for one in hashed],
        },
        schema=_SCHEMA,
    )


def _first_of_each(digests: bytearray) -> tuple[NDArray[np.bool_], str]:
    """Which given pictures are the first with their bytes, and the digest of the last one in the kept sample."""
    rows = np.frombuffer(digests, f"S{_DIGEST_BYTES}")
    distinct, first = np.unique(rows, return_index=True)
    is_first = np.zeros(len(rows), bool)
    is_first[first] = True
    last = bytes(distinct[min(KEPT_PICTURES, len(distinct)) - 1]).ljust(_DIGEST_BYTES, b"\0")
    return is_first, last.hex()


def _write_distinct(given: Path, kept: Path, is_first: NDArray[np.bool_]) -> str:
    """Copy the distinct pictures; the SHA-256 over their hashes, in order."""
    digest, position = hashlib.sha256(), 0
    with pq.ParquetWriter(kept, _SCHEMA) as writer:
        for batch in pq.ParquetFile(given).iter_batches(4_096):
            distinct = batch.filter(pa.array(is_first[position : position + len(batch)]))
            position += len(batch)
            for content_sha256 in distinct.column("content_sha256").to_pylist():
                digest.update(bytes.fromhex(content_sha256))
            writer.write_batch(distinct)
    return digest.hexdigest()
