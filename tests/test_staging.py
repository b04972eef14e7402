"""A shard is on disk whole or not at all, and a torn, swapped or foreign one is recognised."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from warehouse.errors import BrokenShard, StorageFull, WarehouseBusy
from warehouse.staging import Staging, staged_runs, staging_folder

RUN = "5e77" * 16
ROWS = pl.DataFrame({"unit_id": [1, 2, 3], "activation_mean": [0.5, 1.5, 2.5]})


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "w.duckdb", "our warehouse", RUN)


def test_a_staged_shard_is_read_back(staging: Staging) -> None:
    folder = staging.stage(3, {"activations": ROWS})
    assert staging.staged() == [3]
    assert staging.tables(3) == {"activations": folder / "activations.parquet"}
    assert pl.read_parquet(folder / "activations.parquet").equals(ROWS)


def test_a_shard_may_hold_several_tables(staging: Staging) -> None:
    folder = staging.stage(0, {"activations": ROWS, "layer_pairs": ROWS.head(1)})
    assert sorted(entry.name for entry in folder.iterdir()) == [
        "activations.parquet",
        "layer_pairs.parquet",
        "manifest.json",
    ]
    assert pl.read_parquet(staging.tables(0)["layer_pairs"]).equals(ROWS.head(1))


def test_shards_are_listed_by_number(staging: Staging) -> None:
    assert staging.staged() == []
    for shard_index in (10, 2, 0):
        staging.stage(shard_index, {"activations": ROWS})
    assert staging.staged() == [0, 2, 10]


def test_staging_again_replaces_the_shard(staging: Staging) -> None:
    staging.stage(0, {"activations": ROWS, "layer_pairs": ROWS})
    staging.stage(0, {"activations": ROWS.head(1)})
    assert list(staging.tables(0)) == ["activations"]
    assert len(pl.read_parquet(staging.tables(0)["activations"])) == 1


def test_a_discarded_shard_is_gone_and_the_others_stay(staging: Staging) -> None:
    staging.stage(0, {"activations": ROWS})
    staging.stage(1, {"activations": ROWS})
    staging.discard(0)
    assert staging.staged() == [1]


def cut(file: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / file, (folder / file).stat().st_size - 1)


def emptied(file: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / file, 0)


def missing(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def one_bit_changed(folder: Path) -> None:
    content = bytearray((folder / "activations.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "activations.parquet").write_bytes(content)


@pytest.mark.parametrize(
    "tear",
    [
        cut("activations.parquet"),
        emptied("activations.parquet"),
        missing("activations.parquet"),
        one_bit_changed,
        cut("manifest.json"),
        emptied("manifest.json"),
        missing("manifest.json"),
    ],
)
def test_a_torn_shard_is_broken(staging: Staging, tear: Callable[[Path], None]) -> None:
    tear(staging.stage(0, {"activations": ROWS}))
    with pytest.raises(BrokenShard, match="the same ingest command computes it again"):
        staging.tables(0)


@pytest.mark.parametrize("manifest", ["[]", "{}", "null", "7", '"text"', '{"warehouse_id": "our warehouse"}'])
def test_a_manifest_of_something_else_is_broken(staging: Staging, manifest: str) -> None:
    folder = staging.stage(0, {"activations": ROWS})
    (folder / "manifest.json").write_text(manifest)
    with pytest.raises(BrokenShard, match="manifest cannot be read"):
        staging.tables(0)


def test_two_shards_that_changed_places_are_broken(staging: Staging) -> None:
    first, second = staging.stage(0, {"activations": ROWS}), staging.stage(1, {"activations": ROWS})
    first.rename(first.with_name("kept"))
    second.rename(first)
    first.with_name("kept").rename(second)
    for shard_index in (0, 1):
        with pytest.raises(BrokenShard, match="belongs to another warehouse, run or place"):
            staging.tables(shard_index)


def test_parquet_files_that_changed_places_are_broken(staging: Staging) -> None:
    first = staging.stage(0, {"activations": ROWS}) / "activations.parquet"
    second = staging.stage(1, {"activations": ROWS * 2}) / "activations.parquet"
    first.write_bytes(second.read_bytes())
    with pytest.raises(BrokenShard, match="size or checksum"):
        staging.tables(0)


@pytest.mark.parametrize(
    ("warehouse_id", "run_sha256"),
    [("another warehouse", RUN), ("our warehouse", RUN[:16] + "0" * 48)],
    ids=["another warehouse's", "another run's, whose name begins the same"],
)
def test_a_foreign_shard_is_broken(staging: Staging, warehouse_id: str, run_sha256: str) -> None:
    Staging(staging.warehouse, warehouse_id, run_sha256).stage(0, {"activations": ROWS})
    assert staging.staged() == [0]
    with pytest.raises(BrokenShard, match="belongs to another warehouse, run or place"):
        staging.tables(0)


KILLED = """
import os, signal, sys
from pathlib import Path
import polars as pl
from warehouse import staging

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(*{"manifest": (staging.json, "dumps"), "rename": (Path, "rename")}[sys.argv[2]], die)
staging.Staging(Path(sys.argv[1]), "our warehouse", sys.argv[3]).stage(0, {"activations": pl.DataFrame({"x": [1]})})
"""


@pytest.mark.parametrize("moment", ["manifest", "rename"])
def test_a_process_killed_while_staging_leaves_no_shard(staging: Staging, moment: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(staging.warehouse), moment, RUN])
    assert killed.returncode == -signal.SIGKILL
    assert staging.staged() == []
    staging.stage(0, {"activations": ROWS})
    assert pl.read_parquet(staging.tables(0)["activations"]).equals(ROWS)
    staging.remove()
    assert not staging_folder(staging.warehouse).exists()


def test_a_full_disk_is_reported_and_leaves_nothing(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    staging.stage(0, {"activations": ROWS})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="No space left on device; finished shards are kept: free some space"):
        staging.stage(1, {"activations": ROWS})
    assert [entry.name for entry in staging.folder.iterdir()] == ["000000"]


LIMITED = """
import resource, signal, sys
from pathlib import Path
import polars as pl
from warehouse.errors import StorageFull
from warehouse.staging import Staging

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
try:
    Staging(Path(sys.argv[1]), "w", "0" * 64).stage(0, {"activations": pl.DataFrame({"x": range(100_000)})})
except StorageFull as error:
    print(error)
"""


def test_a_parquet_file_that_finds_no_room_is_reported(staging: Staging) -> None:
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, str(staging.warehouse)], capture_output=True, text=True, check=True
    )
    assert "File too large; finished shards are kept" in limited.stdout


def test_one_process_computes_a_run_at_a_time(staging: Staging) -> None:
    other = Staging(staging.warehouse, staging.warehouse_id, "07e4" * 16)
    with (
        staging.only_me(),
        other.only_me(),
        pytest.raises(WarehouseBusy, match="another process is computing this very run"),
        Staging(staging.warehouse, staging.warehouse_id, RUN).only_me(),
    ):
        pass
    with staging.only_me():
        pass


def test_a_removed_run_leaves_other_runs(staging: Staging) -> None:
    other = Staging(staging.warehouse, staging.warehouse_id, "07e4" * 16)
    staging.stage(0, {"activations": ROWS})
    other.stage(0, {"activations": ROWS})
    assert staged_runs(staging.warehouse) == ["07e4" * 4, "5e77" * 4]
    staging.remove()
    assert staged_runs(staging.warehouse) == ["07e4" * 4]
    other.remove()
    assert staged_runs(staging.warehouse) == []
    assert not staging_folder(staging.warehouse).exists()


def test_two_processes_never_hold_a_run_when_its_lock_is_removed_in_between(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One opens the lock file while its holder is removing it: a lock on that would lock nobody out."""
    lock, flock = staging.folder / "lock", fcntl.flock
    removed: list[int] = []

    def removed_before(descriptor: int, how: int) -> None:
        if not removed:
            removed.append(os.fstat(descriptor).st_ino)
            lock.unlink()
            staging.folder.rmdir()
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", removed_before)
    with staging.only_me():
        assert lock.exists()
        with pytest.raises(WarehouseBusy, match="another process is computing this very run"), staging.only_me():
            pass
    assert removed


def test_removing_a_run_leaves_what_another_process_has_begun_there(staging: Staging) -> None:
    staging.stage(0, {"activations": ROWS})
    with staging.only_me():
        staging.remove()
        assert not staging.folder.exists()
        with Staging(staging.warehouse, staging.warehouse_id, RUN).only_me():
            staging.stage(1, {"activations": ROWS})
    assert staging.staged() == [1]
