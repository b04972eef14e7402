"""The real ingest of words in many small shards, so that a kill falls into every part of the loop; and its result."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from helpers.begun import Begun
from helpers.narrow_model import NAME
from warehouse.staging import staging_folder

WORD_COUNT = 230
WORDS_PER_SHARD = 16
SHARD_COUNT = 15  # the baseline is a stimulus, too
LAYERS = "4/2/6,4/2/5,4/1/6,4/1/5,4/0/8,4/0/7"  # 1,536 units: a third of a million rows, as a disk is to be full
PATIENCE_S = 900
CHOSEN = ("--model", NAME, "--pretrained", "random", "--count", str(WORD_COUNT), "--layers", LAYERS)
INGEST = f"""
import sys
import ingest.words.job
from helpers.narrow_model import make_known
make_known()
ingest.words.job._WORDS_PER_SHARD = {WORDS_PER_SHARD}
from clip_warehouse import main
sys.exit(main(["ingest", "words", *{CHOSEN}, "--warehouse", sys.argv[1]]))
"""


# With the first shard staged, the ingest waits until the file is held; nothing is loaded before.
_WAIT_FOR_HOLDER = """
import time
from pathlib import Path
from warehouse.staging import Staging
stage, held = Staging.stage, Path(sys.argv[1] + ".held")
def stage_and_wait(self, *given):
    placed = stage(self, *given)
    while not held.exists():
        time.sleep(0.002)
    return placed
Staging.stage = stage_and_wait
"""
_HOLD = """
import duckdb, sys, time
from pathlib import Path
path = Path(sys.argv[1])
while not any(path.with_name(path.name + '.shards').glob('*/0*')): time.sleep(0.002)
while True:
    try: connection = duckdb.connect(str(path), read_only=True); break
    except duckdb.Error: time.sleep(0.001)
path.with_name(path.name + '.held').touch()
sys.stdin.read()
"""


def impatient(patience_s: float) -> str:
    """The ingest for a file that is held (see `holding`): with so much patience."""
    patience = f"ingest.runs.loop.run.__defaults__ = ({patience_s}, *ingest.runs.loop.run.__defaults__[1:])"
    before = f"import ingest.runs.loop\n{patience}\n{_WAIT_FOR_HOLDER}\nfrom clip_warehouse"
    return INGEST.replace("from clip_warehouse", before)


@contextmanager
def holding(path: Path) -> Iterator[int]:
    """A program that knows nothing of turns holds the file from the first staged shard on; its process id."""
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE)
    try:
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()
        path.with_name(f"{path.name}.held").unlink(missing_ok=True)


def start(path: Path, source: str = INGEST, *, room_bytes: int | None = None) -> Begun:
    """A full disk is one from the first statement of a build, which no cache saves then."""
    environment = {"XDG_CACHE_HOME": str(path.parent / "cache")} if room_bytes else None
    return Begun(source, str(path), room_bytes=room_bytes, environment=environment)


def finish(path: Path) -> str:
    """What the command says on its way to the end."""
    code, errors = start(path).ended()
    assert code == 0, errors
    return errors


def await_shard(path: Path, process: Begun, least: int = 0, besides: Collection[Path] = ()) -> bool:
    """Wait until a shard of at least this index is staged, `besides` older ones; False when the process ends before."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if any(int(shard.name) >= least for shard in shards(path) if shard not in besides):
            return True
        time.sleep(0.002)
    return False


def shards(path: Path) -> list[Path]:
    """Those that are staged and not yet loaded."""
    return sorted(folder for folder in staging_folder(path).glob("*/*") if folder.name.isdigit())


def assert_equal_row_for_row(left: Path, right: Path) -> None:
    """Every table but its times, compared as multisets."""
    assert difference(left, right) == (0, 0)


def difference(undisturbed: Path, path: Path) -> tuple[int, int]:
    """Rows lost and rows doubled (or invented) over every table, but for times and the file's own id.

    Places are compared from each file's own folder; `run_choices` is left out: it says what was typed again.
    """
    lost = doubled = 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{undisturbed}' as sound (read_only); attach '{path}' as spoilt (read_only)")
        tables = connection.execute(
            "select table_name, list(column_name) from information_schema.columns where table_catalog = 'sound' and "
            "table_schema = 'main' and table_name in (select table_name from duckdb_tables()) "
            "and table_name <> 'run_choices' group by table_name"
        ).fetchall()
        assert len(tables) >= 11
        for table, columns in tables:
            kept = [name for name in columns if not name.endswith("_at") and name != "warehouse_id"]
            sound, spoilt = (
                f"select {', '.join(_from_folder(column, file.parent) for column in kept)} from {name}.{table}"
                for name, file in (("sound", undisturbed), ("spoilt", path))
            )
            (only_sound, only_spoilt), *_ = connection.execute(
                "select coalesce(sum(greatest(more, 0)), 0), coalesce(sum(greatest(-more, 0)), 0) from ("
                f"select * exclude side, sum(side) as more from (select *, 1 as side from ({sound}) union all "
                f"select *, -1 from ({spoilt})) group by all)"
            ).fetchall()
            lost, doubled = lost + only_sound, doubled + only_spoilt
    return lost, doubled


def _from_folder(column: str, folder: Path) -> str:
    return f"replace({column}, '{folder}/', '')" if column in ("model_name", "pretrained_tag") else column
