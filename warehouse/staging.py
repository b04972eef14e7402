"""Shards on disk, between the process that computes them and the one that loads them.

One shard is one folder, `<warehouse>.shards/<run>/<index>/`, with one Parquet file a table and a manifest. It is
written under another name, synced, and renamed: the whole shard appears, or nothing. The manifest names the warehouse,
the run, and the size and checksum of each file: torn, swapped and foreign shards are recognised.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.connection import open_reader
from warehouse.errors import BrokenShard, RunBusy, StorageFull
from warehouse.fsync import rename_synced

if TYPE_CHECKING:
    import polars as pl

_MANIFEST = "manifest.json"
_LOCK = "lock"
NAME_DIGITS = 16  # of settings_sha256: the name of a run's folder
_ROW_GROUP = 245_760  # two of DuckDB's row groups: enough for the loader to read in parallel


@dataclass(frozen=True)
class ShardKey:
    """Which shard this is: its warehouse, its run (by settings_sha256) and its index."""

    warehouse_id: str
    run_sha256: str
    shard_index: int


class Staging:
    """The staged shards of one run."""

    def __init__(self, warehouse: Path, warehouse_id: str, run_sha256: str) -> None:
        self.warehouse = warehouse
        self.warehouse_id = warehouse_id
        self.run_sha256 = run_sha256
        self.folder = staging_folder(warehouse) / run_sha256[:NAME_DIGITS]

    def stage(self, shard_index: int, tables: Mapping[str, pl.DataFrame]) -> Path:
        """Write one shard, all of it or nothing. Raises StorageFull when there is no space."""
        final = self._shard_folder(shard_index)
        temporary = final.with_suffix(f".{os.getpid()}.tmp")
        try:
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            files = {table: _write(temporary, table, frame) for table, frame in tables.items()}
            key = ShardKey(self.warehouse_id, self.run_sha256, shard_index)
            (temporary / _MANIFEST).write_text(json.dumps({**asdict(key), "tables": files}), encoding="utf-8")
            shutil.rmtree(final, ignore_errors=True)
            rename_synced(temporary, final)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise StorageFull(final, error.strerror or str(error)) from error
        return final

    def staged(self) -> list[int]:
        """Indices of the staged shards, in order; unfinished ones of a killed process do not count."""
        if not self.folder.is_dir():
            return []
        return sorted(int(entry.name) for entry in self.folder.iterdir() if entry.name.isdigit())

    def tables(self, shard_index: int) -> dict[str, Path]:
        """The Parquet file of each table of a shard, checked to be intact and ours. Raises BrokenShard."""
        folder = self._shard_folder(shard_index)
        try:
            manifest = json.loads((folder / _MANIFEST).read_bytes())
            key = ShardKey(manifest["warehouse_id"], manifest["run_sha256"], manifest["shard_index"])
            files = manifest["tables"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BrokenShard(folder, "its manifest cannot be read") from error
        if key != ShardKey(self.warehouse_id, self.run_sha256, shard_index):
            raise BrokenShard(folder, "it belongs to another warehouse, run or place")
        for table, expected in files.items():
            _verify(folder / f"{table}.parquet", expected)
        return {table: folder / f"{table}.parquet" for table in files}

    def discard(self, shard_index: int) -> None:
        shutil.rmtree(self._shard_folder(shard_index), ignore_errors=True)

    def remove(self) -> None:
        """Remove the run's folder, its lock last, and then the warehouse's folder if it is empty."""
        if not self.folder.is_dir():
            return
        for entry in self.folder.iterdir():
            if entry.name != _LOCK:
                shutil.rmtree(entry, ignore_errors=True)
        (self.folder / _LOCK).unlink(missing_ok=True)
        with suppress(OSError):  # another process has begun to stage there
            self.folder.rmdir()
            self.folder.parent.rmdir()

    @contextmanager
    def only_me(self) -> Iterator[None]:
        """Hold the run for this process. Raises RunBusy when another one is computing it."""
        descriptor = self._locked()
        try:
            yield
        finally:
            os.close(descriptor)

    def _locked(self) -> int:
        """The lock file, locked and still in place: a lock that its last holder has just removed is worth nothing."""
        while True:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except FileNotFoundError:  # its folder was removed meanwhile
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(descriptor)
                raise RunBusy(self.warehouse) from error
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)

    def _shard_folder(self, shard_index: int) -> Path:
        return self.folder / f"{shard_index:06d}"


def staging_folder(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.shards")


def staged_runs(warehouse: Path) -> list[str]:
    """First 16 digits of settings_sha256 of each run that has a shard staged."""
    return sorted({shard.parent.name for shard in staging_folder(warehouse).glob("*/*") if shard.name.isdigit()})


def _write(folder: Path, table: str, frame: pl.DataFrame) -> dict[str, int]:
    # Through memory: a full disk is then an OSError, and the checksum is of the intended bytes, not of those read back.
    parquet = BytesIO()
    frame.write_parquet(parquet, compression="lz4", statistics=False, row_group_size=_ROW_GROUP)
    (folder / f"{table}.parquet").write_bytes(parquet.getvalue())
    return _measure(parquet.getvalue())


def _measure(content: bytes) -> dict[str, int]:
    return {"byte_count": len(content), "crc32": zlib.crc32(content)}


def _verify(path: Path, expected: Mapping[str, int]) -> None:
    try:
        measured = _measure(path.read_bytes())
    except OSError as error:
        raise BrokenShard(path, error.strerror or str(error)) from error
    if measured != dict(expected):
        raise BrokenShard(path, "its size or checksum differs from the manifest's")


def foreign_runs(path: Path) -> list[str]:
    """Folders of staged shards whose runs the file does not have: they belong to another warehouse.

    Raises what open_reader raises.
    """
    with open_reader(path, locked_down=False) as connection:
        known = connection.execute("select settings_sha256 from runs").fetchall()
    names = {sha256[:NAME_DIGITS] for (sha256,) in known}
    return [str(staging_folder(path) / name) for name in staged_runs(path) if name not in names]
