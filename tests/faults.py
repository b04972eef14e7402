"""Faults, counted: python tests/faults.py [ROUNDS] [SEED]   (make faults)

Each round starts a new ingest, disturbs it in one way at a random moment, takes the fault away, gives the command again
and compares every table with an undisturbed run's. Printed: faults tried, rows lost, rows doubled, checks that fail.
The faults here befall an ingest of words; outside_faults.py has those of the model and the network.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.outside_faults import Disturbed, Fault, ingest_here, model_ingest, network_ingest
from helpers.words_ingest import (
    CHOSEN,
    INGEST,
    SHARD_COUNT,
    WORDS_PER_SHARD,
    await_shard,
    difference,
    holding,
    impatient,
    shards,
    start,
)
from warehouse.checking import check

_CLOCK = """
import datetime, warehouse.schema
class Earlier(datetime.datetime):
    now = classmethod(lambda kind, zone=None: datetime.datetime(2001, 1, 1, tzinfo=zone))
warehouse.schema.datetime = Earlier
"""


def killed(path: Path, chance: random.Random) -> None:
    """The whole process, anywhere between its start and its end."""
    process = start(path)
    if chance.random() < 0.3:
        time.sleep(chance.uniform(0, 3))
    elif await_shard(path, process, chance.randrange(SHARD_COUNT)):
        time.sleep(chance.uniform(0, 0.05))
    process.kill()
    process.ended()


def full_disk(path: Path, chance: random.Random) -> None:
    """No file may grow beyond a random size."""
    start(path, room_bytes=int(10 ** chance.uniform(5.5, 7.1))).ended()


def two_at_once(path: Path, chance: random.Random) -> None:
    """A second ingest of the same run, begun a moment later."""
    first = start(path)
    time.sleep(chance.uniform(0, 3))
    for process in (start(path), first):
        process.ended()


def clock_set_back(path: Path, chance: random.Random) -> None:
    """Killed, and gone on with years earlier by the clock."""
    killed(path, chance)
    start(path, _CLOCK + INGEST).ended()


def reader_that_stays(path: Path, chance: random.Random) -> None:
    """A program that knows nothing of turns holds the file: every shard stays staged."""
    with holding(path):
        start(path, impatient(1)).ended()


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
    one, other = chance.sample(shards(path), 2)
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def foreign_shard(path: Path, chance: random.Random) -> None:
    """A shard of another warehouse's run of the same words."""
    other = path.with_name("other.duckdb")
    for one in (path, other):
        reader_that_stays(one, chance)
    place = chance.choice(shards(path))
    shutil.rmtree(place)
    shutil.copytree(chance.choice(shards(other)), place)


def lost_shard(path: Path, chance: random.Random) -> None:
    reader_that_stays(path, chance)
    shutil.rmtree(chance.choice(shards(path)))


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


def _some_file(path: Path, chance: random.Random) -> Path:
    reader_that_stays(path, chance)
    return chance.choice([file for shard in shards(path) for file in shard.iterdir()])


@contextmanager
def words_ingest() -> Iterator[Disturbed]:
    yield Disturbed(_finish, FAULTS)


def _finish(path: Path) -> None:
    code, errors = ingest_here(path, WORDS_PER_SHARD, *CHOSEN)
    assert code == 0, errors


INGESTS = (words_ingest, model_ingest, network_ingest)


def try_faults(
    rounds: int, seed: int, folder: Path, most: int | None = None, besides: Collection[Fault] = ()
) -> dict[str, int]:
    """Totals over the faults of all ingests but `besides`, at most so many of each; each starts from nothing."""
    totals = {"faults tried": 0, "rows lost": 0, "rows doubled": 0, "checks failing": 0}
    for ingest in INGESTS:
        with ingest() as disturbed:
            undisturbed = folder / ingest.__name__ / "w.duckdb"
            undisturbed.parent.mkdir()
            disturbed.finish(undisturbed)
            faults = [fault for fault in disturbed.faults if fault not in besides]
            chosen = random.Random(seed).sample(faults, len(faults))[:most]
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
