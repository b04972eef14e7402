"""The run loop under a kill, a Ctrl-C, a locked file, readers, and a second process."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse.checking import check
from warehouse.loading import load_everything
from warehouse.staging import staging_folder

WORD_COUNT = 700
WORDS_PER_SHARD = 48
# The real job, cut into many small shards so that a kill falls into every part of the loop.
INGEST = f"""
import sys
import ingest.words.job
ingest.words.job._WORDS_PER_SHARD = {WORDS_PER_SHARD}
from clip_warehouse import main
sys.exit(main(["ingest", "words", "--count", "{WORD_COUNT}", "--layers", "all", "--warehouse", sys.argv[1]]))
"""


def impatient(patience_s: float) -> str:
    """The ingest, with so much patience for a file that another program holds."""
    patience = f"ingest.runs.loop.run.__defaults__ = ({patience_s}, *ingest.runs.loop.run.__defaults__[1:])"
    return INGEST.replace("from clip_warehouse", f"import ingest.runs.loop\n{patience}\nfrom clip_warehouse")


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", INGEST, str(path)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )


def finish(path: Path) -> str:
    process = start(path)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return errors


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("undisturbed") / "w.duckdb"
    finish(path)
    return path


def assert_equal_row_for_row(left: Path, right: Path) -> None:
    """Every table but its times, compared as multisets, from a database that is neither."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as l (read_only); attach '{right}' as r (read_only)")
        tables = connection.execute(
            "select table_name, list(column_name) from information_schema.columns where table_catalog = 'l' "
            "and table_schema = 'main' and table_name in (select table_name from duckdb_tables()) group by 1"
        ).fetchall()
        assert len(tables) >= 11
        for table, columns in tables:
            kept = ", ".join(name for name in columns if not name.endswith("_at") and name != "warehouse_id")
            for one, other in (("l", "r"), ("r", "l")):
                missing = f"select {kept} from {one}.{table} except all select {kept} from {other}.{table}"
                assert connection.execute(f"select count(*) from ({missing})").fetchone() == (0,), table


def test_killed_at_ten_random_moments_it_ends_equal_to_an_undisturbed_run(undisturbed: Path, tmp_path: Path) -> None:
    moments = random.Random(20261121)
    path = tmp_path / "killed.duckdb"
    kills = 0
    while kills < 10:
        process = start(path)
        time.sleep(moments.uniform(0.5, 6))
        if process.poll() is None:
            process.kill()
            kills += 1
        elif process.returncode == 0 and kills < 10:
            assert_equal_row_for_row(undisturbed, path)
            path = tmp_path / f"killed-{kills}.duckdb"
        process.communicate()
    finish(path)
    assert_equal_row_for_row(undisturbed, path)
    assert all(not result.failing_count for result in check(path))
    assert not staging_folder(path).exists()


def test_ctrl_c_says_so_and_keeps_what_is_finished(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    process = start(path)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(staging_folder(path).glob("*/0*")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
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
print(count)
"""
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", reader, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    try:
        finish(path)
    finally:
        path.with_name("stop").touch()
        answers = [process.communicate(timeout=120) for process in readers]
    assert [errors for _, errors in answers] == [""] * 8
    assert all(int(count) > 0 for count, _ in answers)
    assert_equal_row_for_row(undisturbed, path)


def test_a_held_file_keeps_every_shard_and_load_finishes(undisturbed: Path, tmp_path: Path) -> None:
    """A program that knows nothing of the turnstile holds the file for longer than the loader waits."""
    path = tmp_path / "w.duckdb"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys, time\nfrom pathlib import Path\npath = Path(sys.argv[1])\n"
            "while not any(path.with_name(path.name + '.shards').glob('*/0*')): time.sleep(0.01)\n"
            "while True:\n"
            "    try: connection = duckdb.connect(str(path), read_only=True); break\n"
            "    except duckdb.Error: time.sleep(0.001)\n"
            "print('held', flush=True)\ntime.sleep(300)",
            str(path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    process = subprocess.Popen([sys.executable, "-c", impatient(2), str(path)], stderr=subprocess.PIPE, text=True)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    last = errors.splitlines()[-1]
    assert f"process {holder.pid}" in last
    assert "clip-warehouse load" in last
    holder.kill()
    holder.communicate()
    assert load_everything(path)
    assert warehouse.query("select status from runs", warehouse=path).item() == "complete"
    assert_equal_row_for_row(undisturbed, path)


@pytest.mark.parametrize("room_bytes", [1_000_000, 11_000_000, 30_000_000], ids=["schema", "first shard", "later"])
def test_a_full_disk_is_one_line_and_loses_nothing(undisturbed: Path, tmp_path: Path, room_bytes: int) -> None:
    path = tmp_path / "w.duckdb"
    process = subprocess.run(
        [sys.executable, "-c", INGEST, str(path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, room_bytes)),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "run the same command again" in process.stderr.splitlines()[-1]
    if path.exists():
        assert all(not result.failing_count for result in check(path))
    finish(path)
    assert_equal_row_for_row(undisturbed, path)


def test_two_ingests_of_one_run_at_once_do_not_disturb_each_other(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    processes = [start(path), start(path)]
    codes = {}
    for process in processes:
        _, errors = process.communicate(timeout=300)
        codes[process.returncode] = errors
    assert 0 in codes
    if 1 in codes:
        assert "another process is computing this very run" in codes[1]
    assert_equal_row_for_row(undisturbed, path)
