"""Faults, counted: python tests/faults.py [ROUNDS] [SEED]   (make faults)

Each round ingests anew, spoils it in one way at a random moment, takes the fault away, gives the same command again
and compares every table with an undisturbed run's. Printed: faults tried, rows lost, rows doubled, checks that fail.
The faults here befall an ingest of words; outside_faults.py has those of the model and the network.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from helpers.outside_faults import Disturbed, Fault, ingest_here, model_ingest, network_ingest
from test_interruptions import INGEST, WORD_COUNT, WORDS_PER_SHARD, impatient, start
from warehouse.checking import check
from warehouse.staging import staging_folder

_CLOCK = """
import datetime, warehouse.schema
class Earlier(datetime.datetime):
    now = classmethod(lambda kind, zone=None: datetime.datetime(2001, 1, 1, tzinfo=zone))
warehouse.schema.datetime = Earlier
"""
_HOLD = """
import duckdb, sys, time
from pathlib import Path
path = Path(sys.argv[1])
while not any(path.with_name(path.name + '.shards').glob('*/0*')): time.sleep(0.01)
while True:
    try: connection = duckdb.connect(str(path), read_only=True); break
    except duckdb.Error: time.sleep(0.001)
sys.stdin.read()
"""


def killed(path: Path, chance: random.Random) -> None:
    """The whole process, anywhere between its start and its end."""
    process = start(path)
    time.sleep(chance.uniform(0.5, 6))
    process.kill()
    process.communicate()


def full_disk(path: Path, chance: random.Random) -> None:
    """No file may grow beyond a random size."""
    room = int(10 ** chance.uniform(5.5, 7.6))
    _ingest(INGEST, path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))


def two_at_once(path: Path, chance: random.Random) -> None:
    """A second ingest of the same run, begun a moment later."""
    first = start(path)
    time.sleep(chance.uniform(0, 3))
    for process in (start(path), first):
        process.communicate(timeout=300)


def clock_set_back(path: Path, chance: random.Random) -> None:
    """Killed, and gone on with years earlier by the clock."""
    killed(path, chance)
    _ingest(_CLOCK + INGEST, path)


def reader_that_stays(path: Path, chance: random.Random) -> None:
    """A program that knows nothing of turns holds the file: every shard stays staged."""
    with _held(path):
        _ingest(impatient(1), path)


def cut_shard(path: Path, chance: random.Random) -> None:
    file = _some_file(path, chance)
    os.truncate(file, chance.randrange(file.stat().st_size))


def changed_bit(path: Path, chance: random.Random) -> None:
    file = _some_file(path, chance)
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def swapped_shards(path: Path, chance: random.Random) -> None:
    reader_that_stays(path, chance)
    one, other = chance.sample(_shards(path), 2)
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def foreign_shard(path: Path, chance: random.Random) -> None:
    """A shard of another warehouse's run of the same words."""
    other = path.with_name("other.duckdb")
    for one in (path, other):
        reader_that_stays(one, chance)
    place = chance.choice(_shards(path))
    shutil.rmtree(place)
    shutil.copytree(chance.choice(_shards(other)), place)


def lost_shard(path: Path, chance: random.Random) -> None:
    reader_that_stays(path, chance)
    shutil.rmtree(chance.choice(_shards(path)))


FAULTS: tuple[Fault, ...] = (
    killed,
    full_disk,
    two_at_once,
    clock_set_back,
    reader_that_stays,
    cut_shard,
    changed_bit,
    swapped_shards,
    foreign_shard,
    lost_shard,
)


def _ingest(program: str, path: Path, **options: object) -> None:
    subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, timeout=300, **options)  # type: ignore[call-overload]


@contextmanager
def _held(path: Path) -> Iterator[None]:
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        holder.kill()
        holder.communicate()


def _shards(path: Path) -> list[Path]:
    return sorted(staging_folder(path).glob("*/0*"))


def _some_file(path: Path, chance: random.Random) -> Path:
    reader_that_stays(path, chance)
    return chance.choice([file for shard in _shards(path) for file in shard.iterdir()])


def difference(undisturbed: Path, path: Path) -> tuple[int, int]:
    """Rows lost and rows doubled (or invented) over every table, but for times and the file's own id."""
    lost = doubled = 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{undisturbed}' as sound (read_only); attach '{path}' as spoilt (read_only)")
        tables = connection.execute(
            "select table_name, list(column_name) from information_schema.columns where table_catalog = 'sound' and "
            "table_schema = 'main' and table_name in (select table_name from duckdb_tables()) group by table_name"
        ).fetchall()
        for table, columns in tables:
            kept = ", ".join(name for name in columns if not name.endswith("_at") and name != "warehouse_id")
            rows = [f"select {kept} from {name}.{table}" for name in ("sound", "spoilt")]
            for one, other in (rows, rows[::-1]):
                found = connection.execute(f"select count(*) from ({one} except all {other})").fetchone()
                assert found is not None
                lost, doubled = (lost + found[0], doubled) if one == rows[0] else (lost, doubled + found[0])
    return lost, doubled


@contextmanager
def words_ingest() -> Iterator[Disturbed]:
    yield Disturbed(_finish, FAULTS)


def _finish(path: Path) -> None:
    code, errors = ingest_here(path, WORDS_PER_SHARD, "--count", str(WORD_COUNT), "--layers", "all")
    assert code == 0, errors


INGESTS = (words_ingest, model_ingest, network_ingest)


def try_faults(rounds: int, seed: int, folder: Path, most: int | None = None) -> dict[str, int]:
    """Totals over all faults of all ingests, or over `most` of each ingest's; each starts from nothing."""
    totals = {"faults tried": 0, "rows lost": 0, "rows doubled": 0, "checks failing": 0}
    for ingest in INGESTS:
        with ingest() as disturbed:
            undisturbed = folder / ingest.__name__ / "w.duckdb"
            undisturbed.parent.mkdir()
            disturbed.finish(undisturbed)
            chosen = random.Random(seed).sample(disturbed.faults, len(disturbed.faults))[:most]
            for number, fault in enumerate(chosen * rounds):
                chance = random.Random(f"{seed} {number}")
                for name, count in zip(totals, _tried(disturbed, fault, chance, undisturbed), strict=True):
                    totals[name] += count
    return totals


def _tried(disturbed: Disturbed, fault: Fault, chance: random.Random, undisturbed: Path) -> tuple[int, int, int, int]:
    path = undisturbed.parent / "spoilt" / "w.duckdb"
    path.parent.mkdir()
    fault(path, chance)
    disturbed.finish(path)
    lost, doubled = difference(undisturbed, path)
    failing = sum(result.failing_count > 0 for result in check(path))
    print(f"{fault.__name__}: {lost} rows lost, {doubled} doubled, {failing} checks failing", flush=True)
    shutil.rmtree(path.parent)
    return 1, lost, doubled, failing


def main() -> None:
    rounds, seed = (int(given) for given in (sys.argv[1:] + ["5", "0"][len(sys.argv) - 1 :])[:2])
    with tempfile.TemporaryDirectory() as folder:
        totals = try_faults(rounds, seed, Path(folder))
    print(", ".join(f"{name} {count}" for name, count in totals.items()))
    sys.exit(bool(totals["rows lost"] or totals["rows doubled"] or totals["checks failing"]))


if __name__ == "__main__":
    main()
