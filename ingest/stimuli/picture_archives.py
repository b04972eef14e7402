"""Zips and tars of pictures: their members by name, and any member's bytes without reading the ones before it.

A compressed tar is unpacked once into the cache, because its members cannot be reached otherwise.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import pyarrow as pa

from ingest.runs.shortages import require_no_shortage
from ingest.stimuli.picture_kinds import readable_name
from warehouse.cache import default_cache
from warehouse.errors import CannotWrite, InputError
from warehouse.wording import number_of

_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".xz": "xz"}
_SHORT = {".tgz": "gzip", ".tbz2": "bz2", ".tzst": "zstd", ".txz": "xz"}
_CHUNK_BYTES, _ZSTD_BYTES = 1 << 20, 1 << 16
_CUT = ".cut.tar"  # how the unpacked copy of a compressed tar ends whose data break off


_OPENERS: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}


@dataclass(frozen=True)
class Members:
    """Files of an archive by readable name; problem: why there may be more that cannot be read."""

    names: tuple[str, ...]
    problem: str | None = None


def is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip" or is_tar(path)


def is_tar(path: Path) -> bool:
    return path.suffix.lower() == ".tar" or _compression(path) is not None


def members(path: Path) -> Members:
    """The members of an archive. Raises InputError for a file that is not an archive."""
    if is_tar(path):
        places, problem = _tar_members(path)
        return Members(tuple(places), problem)
    return Members(tuple(_zip_members(path)))


def read_member(path: Path, member: str, limit_bytes: int) -> bytes:
    """A member's bytes. Raises InputError, also for one larger than limit_bytes."""
    return _read(path, member, None, limit_bytes)


def read_beginning(path: Path, member: str, count: int) -> bytes:
    """The first bytes of a member, none where it cannot be read."""
    try:
        return _read(path, member, count, 1 << 62)
    except InputError as error:
        require_no_shortage(error, path)
        return b""


def require_small(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise InputError(f"a file of {size_bytes:,} bytes, more than {limit_bytes:,}")


def _read(path: Path, member: str, count: int | None, limit_bytes: int) -> bytes:
    try:
        read = _read_tarred if is_tar(path) else _read_zipped
        return read(path, member, count, limit_bytes)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"cannot read {member} of {path.name}: {error}") from error


def _read_zipped(path: Path, member: str, count: int | None, limit_bytes: int) -> bytes:
    archive, info = _opened_zip(path), _zip_members(path)[member]
    require_small(info.file_size, limit_bytes)
    with archive.open(info) as file:
        return file.read() if count is None else file.read(count)


def _read_tarred(path: Path, member: str, count: int | None, limit_bytes: int) -> bytes:
    offset, size = _tar_members(path)[0][member]
    require_small(size, limit_bytes)
    wanted = size if count is None else min(size, count)
    with _plain(path).open("rb") as file:
        file.seek(offset)
        content = file.read(wanted)
    if len(content) < wanted:
        raise InputError(f"{path.name} ends inside {member}")
    return content


@lru_cache(maxsize=4)
def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is not a zip ({error})") from error


@lru_cache(maxsize=4)
def _zip_members(path: Path) -> dict[str, zipfile.ZipInfo]:
    shown = (info for info in _opened_zip(path).infolist() if not info.is_dir() and _is_shown(info.filename))
    return {readable_name(info.filename): info for info in shown}


@lru_cache(maxsize=4)
def _tar_members(path: Path) -> tuple[dict[str, tuple[int, int]], str | None]:
    """Offset and size of each file in a tar, as far as it can be read, and why it cannot be read further."""
    places: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(_plain(path), "r:") as archive:
            for info in archive:
                if info.isfile() and _is_shown(info.name):
                    places[readable_name(info.name)] = (info.offset_data, info.size)
    except tarfile.TarError as error:
        require_no_shortage(error, path)
        if not places and _is_cut(path):
            raise InputError(
                f"{path} is cut short or damaged: no file can be unpacked from it; copy it again"
            ) from error
        if not places:
            raise InputError(f"{path} is not a tar ({error})") from error
        return places, f"the tar breaks off after {number_of(len(places), 'file')} ({error})"
    if _is_cut(path):
        return places, f"the tar is cut short or damaged after {number_of(len(places), 'file')}"
    end = max((offset + size for offset, size in places.values()), default=0)
    return places, "the tar breaks off inside its last file" if end > _plain(path).stat().st_size else None


@lru_cache(maxsize=16)
def _plain(path: Path) -> Path:
    """The tar itself, or of a compressed one its unpacked copy in the cache. Raises InputError and CannotWrite."""
    compression = _compression(path)
    if compression is None:
        return path
    state = path.stat()
    identity = f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode("utf-8", "surrogateescape")
    copy = default_cache() / "unpacked" / f"{hashlib.sha256(identity).hexdigest()}.tar"
    cut = copy.with_suffix(_CUT)
    if cut.exists() or (copy.exists() and copy.stat().st_size):
        return cut if cut.exists() else copy
    return _unpack(path, compression, copy)


def _is_cut(path: Path) -> bool:
    return _plain(path).name.endswith(_CUT)


def _compression(path: Path) -> str | None:
    """How a tar is compressed: set.tar.gz, set.tgz; None for all else."""
    before, last = ["", "", *(suffix.lower() for suffix in path.suffixes)][-2:]
    return _COMPRESSIONS.get(last) if before == ".tar" else _SHORT.get(last)


def _unpack(path: Path, compression: str, copy: Path) -> Path:
    """Unpacked under another name first; if a compressed tar breaks off, its beginning is kept, as a cut copy."""
    part = copy.with_name(f"{copy.name}.{os.getpid()}.tmp")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as written:
            is_whole = _copy_unpacked(path, compression, written)
        return part.replace(copy if is_whole else copy.with_suffix(_CUT))
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CannotWrite(str(copy.parent), error) from error
    except InputError:
        part.unlink(missing_ok=True)
        raise


def _copy_unpacked(path: Path, compression: str, written: BinaryIO) -> bool:
    """Whether all of it could be unpacked. Raises InputError for what is not compressed so."""
    with _unpacked(path, compression) as stream:
        while True:
            try:  # read1 gives what there is before it tells that no more comes
                chunk = stream.read1(_CHUNK_BYTES)
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
                require_no_shortage(error, path)
                if not written.tell() and not isinstance(error, EOFError):
                    raise InputError(f"{path} is not a tar packed by {compression} ({error})") from error
                return False
            if not chunk:
                return True
            written.write(chunk)


def _unpacked(path: Path, compression: str) -> Any:
    return _Zstandard(path) if compression == "zstd" else _OPENERS[compression](path, "rb")


class _Zstandard(AbstractContextManager["_Zstandard"]):
    """A file packed by Zstandard, read as the standard library reads the others."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._raw, mode="r"), "zstd")

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def read1(self, count: int) -> bytes:
        """Of a file that breaks off, all but the last few parts. Raises EOFError there, OSError for what is damaged."""
        try:
            return bytes(self._stream.read(min(count, _ZSTD_BYTES)))
        except pa.ArrowException as error:
            raise OSError(str(error)) from error
        except OSError as error:
            if "Truncated" in str(error):
                raise EOFError(str(error)) from error
            raise


def _is_shown(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not parts[-1].startswith(".") and "__MACOSX" not in parts
