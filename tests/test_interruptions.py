"""The run loop under a kill, a Ctrl-C, a locked file, readers, and a second process."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

import warehouse
from helpers.begun import Begun
from helpers.words_ingest import assert_equal_row_for_row, await_shard, finish, holding, impatient, shards, start
from warehouse.checking import check
from warehouse.loading import load_everything
from warehouse.staging import staging_folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("undisturbed") / "w.duckdb"
    finish(path)
    return path


def test_killed_at_ten_moments_it_ends_equal_to_an_undisturbed_run(undisturbed: Path, tmp_path: Path) -> None:
    """Before the file is there, then in every part of the run: each time a little after a further shard is staged."""
    chance = random.Random(20261121)
    path = tmp_path / "killed.duckdb"
    process = start(path)
    while process.poll() is None and not path.exists():
        time.sleep(0.002)
    process.kill()
    assert process.ended()[0] == -signal.SIGKILL
    for least in (0, 1, 3, 4, 6, 8, 9, 11, 12):
        older = shards(path)
        process = start(path)
        assert await_shard(path, process, least, besides=older), process.ended()
        time.sleep(chance.uniform(0, 0.04))
        process.kill()
        assert process.ended()[0] in (-signal.SIGKILL, 0)
    assert warehouse.query("select count(*) from shards", warehouse=path).item() > 0, "some fell after the first shard"
    finish(path)
    assert_equal_row_for_row(undisturbed, path)
    assert all(not result.failing_count for result in check(path))
    assert not staging_folder(path).exists()


def test_ctrl_c_says_so_and_keeps_what_is_finished(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    process = start(path)
    assert await_shard(path, process)
    process.interrupt()
    code, errors = process.ended()
    assert code == 130
    assert "the same command goes on" in errors
    assert "Traceback" not in errors
    finish(path)
    assert_equal_row_for_row(undisturbed, path)


def test_the_second_run_of_a_finished_ingest_does_nothing(undisturbed: Path) -> None:
    assert "nothing to do" in finish(undisturbed)


def test_readers_never_fail_while_an_ingest_runs(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    reader = """
import sys, time, warehouse
from pathlib import Path
path = Path(sys.argv[1])
while not path.exists():
    time.sleep(0.01)
count = 0
while not path.with_name("stop").exists():
    warehouse.query("select count(*), max(activation_mean) from activations", warehouse=path)
    warehouse.query("from unit_top_words where unit_name = '4/2/6/34' limit 20", warehouse=path)
    count += 1
    time.sleep(0.3)  # eight that never pause leave the ingest a tenth of the machine, and it takes minutes
print(count, file=sys.stderr)
"""
    readers = [Begun(reader, str(path)) for _ in range(8)]
    try:
        finish(path)
    finally:
        path.with_name("stop").touch()
        answers = [process.ended() for process in readers]
    assert [code for code, _ in answers] == [0] * 8, answers
    assert all(int(count) > 0 for _, count in answers), "how often each has read, and no error beside"
    assert_equal_row_for_row(undisturbed, path)


def test_a_held_file_keeps_every_shard_and_load_finishes(undisturbed: Path, tmp_path: Path) -> None:
    """A program that knows nothing of the turnstile holds the file for longer than the loader waits."""
    path = tmp_path / "w.duckdb"
    with holding(path) as holder:
        code, errors = start(path, impatient(2)).ended()
    assert code == 1
    last = errors.splitlines()[-1]
    assert f"process {holder}" in last
    assert "clip-warehouse load" in last
    assert load_everything(path)
    assert warehouse.query("select status from runs", warehouse=path).item() == "complete"
    assert_equal_row_for_row(undisturbed, path)


@pytest.mark.parametrize("added_bytes", [None, 400_000, 1_200_000], ids=["schema", "first shards", "later"])
def test_a_full_disk_is_one_line_and_loses_nothing(
    undisturbed: Path, first_built: Path, tmp_path: Path, added_bytes: int | None
) -> None:
    """Room for a megabyte, or for so much beside an empty warehouse: all rows take at least 1.6 MB."""
    path = tmp_path / "w.duckdb"
    room_bytes = 1_000_000 if added_bytes is None else first_built.stat().st_size + added_bytes
    code, errors = start(path, room_bytes=room_bytes).ended()
    assert code == 1, errors
    assert "Traceback" not in errors
    assert "run the same command again" in errors.splitlines()[-1]
    if path.exists():
        assert all(not result.failing_count for result in check(path))
    finish(path)
    assert_equal_row_for_row(undisturbed, path)


def test_two_ingests_of_one_run_at_once_do_not_disturb_each_other(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    codes = dict(process.ended() for process in [start(path), start(path)])
    assert 0 in codes
    if 1 in codes:
        assert "another process is computing this very run" in codes[1]
    assert_equal_row_for_row(undisturbed, path)
