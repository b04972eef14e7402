"""Readers and writers of one file, in one process and in several."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.connection import open_reader, open_writer, warehouse_path, writers_turn
from warehouse.errors import NotAllowed, StorageFull, UsageError, WarehouseBusy, WarehouseMissing

STRANGER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
print("inside", flush=True)
sys.stdin.read()
"""
OURS = """
import sys
from pathlib import Path
from warehouse.connection import open_writer
with open_writer(Path(sys.argv[1])) as connection:
    connection.execute("create table written as select 1 as x")
    print("inside", flush=True)
    sys.stdin.read()
"""


@contextmanager
def inside(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process that has opened the file, until its input ends."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        yield process
        process.kill()


def model_count(path: Path, patience_s: float = 10.0) -> int:
    with open_reader(path, patience_s) as connection:
        return connection.execute("select count(*) from models").fetchall()[0][0]


def test_a_file_held_by_a_foreign_process_is_busy_and_that_process_is_named(small_warehouse: Path) -> None:
    with inside(STRANGER, small_warehouse, "writing") as stranger:
        said = (
            rf"warehouse\.duckdb was held by python\S* \(process {stranger.pid}\) for 0 s: "
            r"nothing is lost; close it there, then run the same command again \(or 'clip-warehouse load'"
        )
        with pytest.raises(WarehouseBusy, match=said):
            open_reader(small_warehouse, patience_s=0.1)
        with pytest.raises(WarehouseBusy, match=said), open_writer(small_warehouse, patience_s=0.1):
            pass


def test_a_foreign_reader_keeps_writers_out_and_lets_readers_in(small_warehouse: Path) -> None:
    with inside(STRANGER, small_warehouse, "reading") as stranger:
        assert model_count(small_warehouse) == 1
        with (
            pytest.raises(WarehouseBusy, match=f"process {stranger.pid}"),
            open_writer(small_warehouse, patience_s=0.1),
        ):
            pass


def test_a_reader_waits_for_a_writer_and_sees_what_it_wrote(small_warehouse: Path) -> None:
    with inside(OURS, small_warehouse) as writer:
        with pytest.raises(WarehouseBusy, match="a process that is loading"):
            open_reader(small_warehouse, patience_s=0.1)
        assert writer.stdin is not None
        threading.Timer(0.2, writer.stdin.close).start()
        with open_reader(small_warehouse, patience_s=30) as connection:
            assert connection.execute("from written").fetchall() == [(1,)]


def test_a_writer_waits_for_a_foreign_process_that_leaves(small_warehouse: Path) -> None:
    with inside(STRANGER, small_warehouse, "reading") as stranger:
        assert stranger.stdin is not None
        threading.Timer(0.2, stranger.stdin.close).start()
        with open_writer(small_warehouse, patience_s=30) as connection:
            connection.execute("delete from models")
    assert model_count(small_warehouse) == 0


def test_a_writer_that_was_killed_leaves_the_file_free_and_whole(small_warehouse: Path) -> None:
    with inside(OURS, small_warehouse) as writer:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        with open_writer(small_warehouse, patience_s=5) as connection:
            connection.execute(
                "insert into models select * replace (2 as model_id, 'w2' as weights_sha256) from models"
            )
    assert model_count(small_warehouse) == 2


READER = """
import sys
from pathlib import Path
from warehouse.connection import open_reader
path, count = Path(sys.argv[1]), 0
while not path.with_name("stop").exists():
    with open_reader(path, 30) as connection:
        connection.execute("select count(*) from shards").fetchall()
    count += 1
    if count == 1:
        print("inside", flush=True)
print(count)
"""


def test_eight_readers_in_a_loop_neither_fail_nor_starve_a_writer(small_warehouse: Path) -> None:
    command = [sys.executable, "-c", READER, str(small_warehouse)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    readers = [subprocess.Popen(command, **pipes) for _ in range(8)]
    try:
        assert [reader.stdout.readline() for reader in readers if reader.stdout] == ["inside\n"] * 8
        for shard_index in range(100, 110):
            with open_writer(small_warehouse, patience_s=30) as connection:
                connection.execute(f"insert into shards values (2, {shard_index}, 0, now()::timestamp)")
    finally:
        small_warehouse.with_name("stop").touch()
        answers = [reader.communicate(timeout=60) for reader in readers]
    assert [errors for _, errors in answers] == [""] * 8
    assert all(int(count) > 1 for count, _ in answers)
    with open_reader(small_warehouse) as connection:
        assert connection.execute("select count(*) from shards where shard_index >= 100").fetchall() == [(10,)]


def test_a_writers_turn_keeps_ours_out_until_it_ends(small_warehouse: Path) -> None:
    with (
        writers_turn(small_warehouse),
        pytest.raises(WarehouseBusy, match="a process that is loading"),
    ):
        open_reader(small_warehouse, patience_s=0.05)
    assert model_count(small_warehouse) == 1


def test_readers_of_one_process_read_at_once(small_warehouse: Path) -> None:
    with open_reader(small_warehouse, 0.1) as first, open_reader(small_warehouse, 0.1) as second:
        assert first.execute("from shown_runs").fetchall() == second.execute("from shown_runs").fetchall()


def test_a_writer_waits_for_a_reader_of_its_own_process(small_warehouse: Path) -> None:
    reader = open_reader(small_warehouse)
    with pytest.raises(WarehouseBusy, match="another connection"), open_writer(small_warehouse, patience_s=0.05):
        pass
    threading.Timer(0.1, reader.close).start()
    with open_writer(small_warehouse, patience_s=30) as connection:
        connection.execute("delete from models")


def test_a_waiting_writer_lets_readers_through_again(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.connection._TURN_S", 0.05)
    outcome: list[BaseException] = []

    def write() -> None:
        try:
            with open_writer(small_warehouse, patience_s=1):
                pass
        except WarehouseBusy as error:
            outcome.append(error)

    with inside(STRANGER, small_warehouse, "reading"):
        writer = threading.Thread(target=write)
        writer.start()
        while writer.is_alive():
            assert model_count(small_warehouse) == 1
            time.sleep(0.01)
    assert len(outcome) == 1


# Failing


def test_what_was_not_committed_is_undone_when_a_writer_fails(small_warehouse: Path) -> None:
    with pytest.raises(KeyError), open_writer(small_warehouse) as connection:
        connection.execute("begin")
        connection.execute("delete from models")
        raise KeyError
    assert model_count(small_warehouse) == 1


def test_a_missing_file_is_reported_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.duckdb"
    with pytest.raises(WarehouseMissing, match=f"make one with 'clip-warehouse demo --warehouse {path}'"):
        open_reader(path)
    assert list(tmp_path.iterdir()) == []


def no_lock_file(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: Any, *arguments: Any) -> int:
        if str(path).endswith(".lock"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)


def test_a_folder_that_cannot_be_written_to_can_be_read(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_lock_file(monkeypatch)
    assert model_count(small_warehouse) == 1
    assert not small_warehouse.with_name("warehouse.duckdb.lock").exists()
    with pytest.raises(StorageFull, match=r"warehouse\.duckdb\.lock: Permission denied"), open_writer(small_warehouse):
        pass


def test_a_file_that_may_not_be_opened_is_explained_to_readers_and_writers(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: Any, **options: Any) -> None:
        raise duckdb.IOException('IO Error: Cannot open file "warehouse.duckdb": Permission denied')

    monkeypatch.setattr(duckdb, "connect", denied)
    with pytest.raises(NotAllowed, match=r"cannot read .* .Permission denied.: ask its owner"):
        open_reader(small_warehouse)
    with pytest.raises(StorageFull, match="Permission denied"), open_writer(small_warehouse):
        pass


def test_a_full_disk_while_writing_is_reported(small_warehouse: Path) -> None:
    with (
        pytest.raises(StorageFull, match="No space left on device; finished shards are kept: free some space"),
        open_writer(small_warehouse),
    ):
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")


# Naming


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        ("a.duckdb", "b.duckdb", "a.duckdb"),
        (None, "b.duckdb", "b.duckdb"),
        ("", "b.duckdb", "b.duckdb"),
        (None, None, "warehouse.duckdb"),
        (None, "", "warehouse.duckdb"),
    ],
)
def test_a_warehouse_is_named_by_argument_then_variable_then_default(
    argument: str | None, variable: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIP_WAREHOUSE", raising=False)
    if variable is not None:
        monkeypatch.setenv("CLIP_WAREHOUSE", variable)
    assert warehouse_path(argument) == Path(expected)


def test_a_path_is_meant_as_a_shell_would(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert warehouse_path("~/a.duckdb") == tmp_path / "a.duckdb"
    monkeypatch.setenv("CLIP_WAREHOUSE", "~/b.duckdb")
    assert warehouse_path() == tmp_path / "b.duckdb"
    with pytest.raises(UsageError, match="question mark"):
        warehouse_path(tmp_path / "why?.duckdb")


@pytest.mark.parametrize("name", ["md:x.duckdb", "http:x.duckdb", "a;b'c#d %41[1].duckdb", ":memory:.duckdb"])
def test_a_name_that_duckdb_might_read_as_something_else_is_a_file(
    name: str, small_warehouse: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (folder := tmp_path / "else[1]").mkdir()
    monkeypatch.chdir(folder)
    Path(name).write_bytes(small_warehouse.read_bytes())
    with open_writer(Path(name)) as connection:
        connection.execute("delete from models")
    assert model_count(Path(name)) == 0


def test_a_reader_leaves_no_lock_and_a_writers_lock_serves_everybody(small_warehouse: Path) -> None:
    lock = small_warehouse.with_name("warehouse.duckdb.lock")
    lock.unlink(missing_ok=True)
    assert model_count(small_warehouse) == 1
    assert not lock.exists()
    small_warehouse.chmod(0o664)
    before = os.umask(0o077)
    try:
        with open_writer(small_warehouse):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(lock.stat().st_mode) == 0o664


def test_a_lock_of_another_user_can_be_taken(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root every file may be opened, so the refusal to write it is played."""
    opened = os.open

    def readable_only(path: Any, flags: int, *arguments: Any) -> int:
        if str(path).endswith(".lock") and flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *arguments)

    small_warehouse.with_name("warehouse.duckdb.lock").touch(0o644)
    monkeypatch.setattr(os, "open", readable_only)
    with open_writer(small_warehouse) as connection:
        connection.execute("delete from models")
    assert model_count(small_warehouse) == 0


def test_where_no_lock_can_be_made_the_reason_is_the_folders(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def no_new_files(path: Any, flags: int, *arguments: Any) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *arguments)

    small_warehouse.with_name("warehouse.duckdb.lock").unlink(missing_ok=True)
    monkeypatch.setattr(os, "open", no_new_files)
    with pytest.raises(StorageFull, match=r"warehouse\.duckdb\.lock: Permission denied"), open_writer(small_warehouse):
        pass
