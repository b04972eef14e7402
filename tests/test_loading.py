"""Models, stimuli and runs by identity; each staged shard into the tables exactly once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import warehouse
from clip_warehouse import main
from helpers.small_run import AVERAGE_RUN, MODEL, RUN, STIMULI, answers, begin, shard, stimuli
from warehouse.checking import check
from warehouse.connection import open_writer
from warehouse.errors import BrokenShard, MachineFault, WarehouseBusy, WarehouseMissing
from warehouse.loading import begin_run, load_everything, load_staged
from warehouse.staging import Staging, staging_folder


@pytest.fixture
def path(empty_warehouse: Path) -> Path:
    return empty_warehouse


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path).rows()


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which knows nothing of us, has the file open for writing."""
    code = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate()


# Registering


def test_the_same_run_again_has_the_same_ids(path: Path) -> None:
    first, _ = begin(path)
    second, _ = begin(path)
    assert second == first
    counts = "select (select count(*) from models), (select count(*) from units), (select count(*) from stimuli), "
    assert rows(path, f"{counts}(select count(*) from runs), (select count(*) from run_stimuli)") == [(1, 2, 4, 1, 4)]


def test_a_run_knows_the_ids_of_its_units_and_stimuli(path: Path) -> None:
    run, _ = begin(path)
    assert run.unit_ids == {"4/2/6": range(1, 3)}
    assert list(run.stimulus_ids) == [1, 2, 3, 4]
    assert run.loaded == frozenset()


def test_known_stimuli_keep_their_ids_in_another_run(path: Path) -> None:
    begin(path)
    other = begin_run(path, AVERAGE_RUN, MODEL, stimuli("hen", "dog", "eeeeee", "dog"))
    assert list(other.stimulus_ids) == [5, 3, 1, 3]
    assert rows(path, "select stimulus_id from run_stimuli where run_id = 2 order by 1") == [(1,), (3,), (5,)]


def test_a_word_and_a_picture_of_equal_content_are_two_stimuli(path: Path) -> None:
    begin(path)
    picture = stimuli("cat").with_columns(stimulus_kind=pl.lit("picture"))
    assert list(begin_run(path, AVERAGE_RUN, MODEL, picture).stimulus_ids) == [5]


def test_ids_are_those_of_a_slow_count_whatever_is_known_already(path: Path) -> None:
    """Every set of words after another, doubles in it and words that are known; a dictionary gives the ids."""
    ids: dict[tuple[str, str], int] = {}
    dice = random.Random(3)
    for number in range(12):
        texts = [f"word {dice.randrange(60)}" for _ in range(dice.randrange(1, 40))]
        kind = dice.choice(("word", "picture"))
        given = stimuli(*texts).with_columns(stimulus_kind=pl.lit(kind))
        record = replace(AVERAGE_RUN, settings_sha256=f"{number:064d}")
        for sha256 in given["content_sha256"]:
            ids.setdefault((kind, sha256), len(ids) + 1)
        expected = [ids[kind, sha256] for sha256 in given["content_sha256"]]
        assert list(begin_run(path, record, MODEL, given).stimulus_ids) == expected
    stored = rows(path, "select stimulus_kind, content_sha256, stimulus_id from stimuli")
    assert {(kind, sha256): stimulus_id for kind, sha256, stimulus_id in stored} == ids


def test_shards_of_a_run_that_the_file_does_not_have_are_told_and_left(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file was replaced, or the folder is another's."""
    foreign = Staging(path, "another warehouse", "07e4" * 16)
    folder = foreign.stage(0, {"activations": pl.DataFrame({"unit_id": [1]})})
    assert main(["load", "--warehouse", str(path)]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"left where it is: {foreign.folder} holds shards of a run that {path} does not know")
    assert main(["status", "--warehouse", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"{foreign.folder} holds shards" in said and "run the same ingest again" not in said
    assert folder.is_dir()


def test_memory_that_loading_lacks_is_one_line_and_nothing_is_lost(path: Path) -> None:
    said = r"cannot write .*memory.*; nothing of it is stored"
    with pytest.raises(MachineFault, match=said) as caught, open_writer(path) as connection:
        connection.execute("set memory_limit = '20MB'")
        connection.execute("set temp_directory = ''")
        connection.execute("create temp table large as select range as x, random()::text as y from range(3000000)")
    assert "\n" not in str(caught.value)
    assert rows(path, "from runs") == []


def test_a_model_is_its_weights_not_its_name(path: Path) -> None:
    begin(path)
    renamed = replace(MODEL, model={**MODEL.model, "model_name": "a copy"})
    assert begin_run(path, AVERAGE_RUN, renamed, STIMULI).unit_ids == {"4/2/6": range(1, 3)}
    assert rows(path, "select model_name from models") == [("RN50",)]


@pytest.mark.parametrize(
    ("stored", "given", "kept"),
    [
        (("local-dir:mine", "local"), ("local-dir:/models/mine", "local"), 1),
        (("local-dir:/old/mine", "local"), ("local-dir:/new/mine", "local"), 1),
        (("RN50", "weights/a.pt"), ("RN50", "/models/weights/a.pt"), 1),
        (("RN50", "/old/a.pt"), ("RN50", "/new/a.pt"), 1),
        (("RN50", "openai"), ("RN50", "/models/a.pt"), 0),
        (("RN50", "/models/a.pt"), ("RN50-quickgelu", "openai"), 0),
        (("emoji-rn50", "bundled"), ("local-dir:/models/mine", "local"), 0),
    ],
)
def test_a_known_model_that_lies_on_a_disk_is_stored_where_it_lies_now(
    path: Path, stored: tuple[str, str], given: tuple[str, str], kept: int
) -> None:
    for name, tag in (stored, given):
        begin_run(path, RUN, replace(MODEL, model={**MODEL.model, "model_name": name, "pretrained_tag": tag}), STIMULI)
    assert rows(path, "select model_name, pretrained_tag from models") == [(stored, given)[kept]]


def test_other_weights_are_another_model_with_units_of_its_own(path: Path) -> None:
    begin(path)
    other = replace(MODEL, model={**MODEL.model, "weights_sha256": "other weights"})
    assert begin_run(path, AVERAGE_RUN, other, STIMULI).unit_ids == {"4/2/6": range(3, 5)}
    assert rows(path, "select model_id, count(*) from unit_details group by 1 order by 1") == [(1, 2), (2, 2)]


def test_a_run_that_cannot_be_registered_leaves_nothing(path: Path) -> None:
    with pytest.raises(Exception, match="is_explicit"):
        begin_run(path, RUN, MODEL, STIMULI.with_columns(is_explicit=pl.lit(None, dtype=pl.Boolean)))
    assert rows(path, "select (select count(*) from models), (select count(*) from stimuli)") == [(0, 0)]


# Loading


def test_a_run_is_complete_when_all_its_shards_are_in(path: Path) -> None:
    run, staging = begin(path)
    state = "select status, row_count, finished_at is null, (select count(*) from baseline_activations) from runs"
    staging.stage(1, shard(run, 1))
    load_staged(path, staging, run.run_id)
    assert rows(path, state) == [("running", 4, True, 0)]
    staging.stage(0, shard(run, 0))
    load_staged(path, staging, run.run_id)
    assert rows(path, state) == [("complete", 8, False, 2)]
    assert not any(result.failing_count for result in check(path))


def test_what_was_staged_is_what_is_loaded(path: Path) -> None:
    run, staging = begin(path)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(run, shard_index))
    load_staged(path, staging, run.run_id)
    assert rows(path, "from activations where unit_id = 2 order by stimulus_id") == [
        (1, 1, 2, 10, 11),
        (1, 2, 2, 20, 21),
        (1, 3, 2, 30, 31),
        (1, 4, 2, 40, 41),
    ]


@pytest.mark.parametrize(("record", "baselines"), [(RUN, [1, 10]), (AVERAGE_RUN, [2.5, 25])], ids=["text", "average"])
def test_a_complete_run_has_its_baseline(path: Path, record: Any, baselines: list[float]) -> None:
    run, staging = begin(path, record)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(run, shard_index))
    load_staged(path, staging, run.run_id)
    found = rows(path, "select baseline_activation_mean from baseline_activations order by unit_id")
    assert [baseline for (baseline,) in found] == baselines


def test_a_shard_is_loaded_once(path: Path) -> None:
    run, staging = begin(path)
    for _ in range(3):
        staging.stage(0, shard(run, 0))
        assert load_staged(path, staging, run.run_id) == []
    assert rows(path, "select count(*) from activations") == [(4,)]
    assert rows(path, "select row_count from runs union all select row_count from shards") == [(4,), (4,)]
    assert begin(path)[0].loaded == {0}


def test_a_loaded_shard_is_no_longer_staged(path: Path) -> None:
    run, staging = begin(path)
    staging.stage(0, shard(run, 0))
    load_staged(path, staging, run.run_id)
    assert staging.staged() == []


def torn(staging: Staging) -> None:
    os.truncate(staging.folder / "000000" / "activations.parquet", 100)


def cut(staging: Staging) -> None:
    os.truncate(staging.folder / "000000" / "manifest.json", 40)


def of_another_warehouse(staging: Staging) -> None:
    parts = pl.read_parquet(staging.tables(0)["activations"])
    Staging(staging.warehouse, "another warehouse", RUN.settings_sha256).stage(0, {"activations": parts})


def of_another_run(staging: Staging) -> None:
    other = Staging(staging.warehouse, staging.warehouse_id, AVERAGE_RUN.settings_sha256)
    other.stage(0, {"activations": pl.read_parquet(staging.tables(0)["activations"])})
    staging.discard(0)
    shutil.move(other.folder / "000000", staging.folder / "000000")


@pytest.mark.parametrize("spoil", [torn, cut, of_another_warehouse, of_another_run])
def test_a_broken_shard_is_reported_and_discarded(path: Path, spoil: Callable[[Staging], None]) -> None:
    run, staging = begin(path)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(run, shard_index))
    spoil(staging)
    assert load_staged(path, staging, run.run_id) == [0]
    assert staging.staged() == []
    assert rows(path, "select shard_index from shards") == [(1,)]
    staging.stage(0, shard(run, 0))
    assert load_staged(path, staging, run.run_id) == []
    assert rows(path, "select status from runs") == [("complete",)]


def test_two_shards_that_changed_places_are_both_reported(path: Path) -> None:
    run, staging = begin(path)
    first, second = (staging.stage(shard_index, shard(run, shard_index)) for shard_index in (0, 1))
    first.rename(first.with_name("kept"))
    second.rename(first)
    first.with_name("kept").rename(second)
    assert load_staged(path, staging, run.run_id) == [0, 1]
    assert rows(path, "select count(*) from activations") == [(0,)]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: {"activations": rows.rename({"activation_max": "activation_top"})},
        lambda rows: {"activations": rows.with_columns(unit_id=pl.lit("one"))},
        lambda rows: {"activations": rows.with_columns(unit_id=pl.lit(None, pl.Int32))},
        lambda rows: {"activations": rows, "no_such_table": rows},
    ],
    ids=["another column", "another type", "a null", "another table"],
)
def test_a_whole_shard_that_does_not_fit_the_tables_is_reported_and_discarded(path: Path, change: Any) -> None:
    run, staging = begin(path)
    staging.stage(0, change(answers(run, [0, 1])))
    with pytest.raises(BrokenShard, match="the same ingest command computes it again"):
        load_staged(path, staging, run.run_id)
    assert staging.staged() == []
    assert rows(path, "select count(*) from activations") == [(0,)]
    assert rows(path, "select row_count from runs") == [(0,)]


def test_a_shard_that_does_not_fit_takes_no_other_along(path: Path) -> None:
    """Both are loaded in one transaction: the good one is not lost with it, and is loaded the next time."""
    run, staging = begin(path)
    staging.stage(0, shard(run, 0))
    staging.stage(1, {"no_such_table": answers(run, [2, 3])})
    with pytest.raises(BrokenShard):
        load_staged(path, staging, run.run_id)
    assert staging.staged() == [0]
    assert load_staged(path, staging, run.run_id) == []
    assert rows(path, "select count(*) from activations") == [(4,)]


def test_a_shard_without_rows_is_loaded_too(path: Path) -> None:
    run, staging = begin(path)
    staging.stage(0, {})
    staging.stage(1, shard(run, 1))
    load_staged(path, staging, run.run_id)
    assert staging.staged() == []
    assert rows(path, "select status, row_count from runs") == [("complete", 4)]


KILLED = """
import os, signal, sys
from pathlib import Path
from warehouse import loading
from warehouse.staging import Staging

path, warehouse_id, run_sha256 = Path(sys.argv[1]), *sys.argv[2:]
loading._finish_if_last = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
loading.load_staged(path, Staging(path, warehouse_id, run_sha256), 1)
"""


def test_a_process_killed_while_loading_loads_nothing_and_loses_nothing(path: Path) -> None:
    run, staging = begin(path)
    staging.stage(0, shard(run, 0))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), run.warehouse_id, RUN.settings_sha256])
    assert killed.returncode == -signal.SIGKILL
    assert rows(path, "select count(*) from activations") == [(0,)]
    assert load_staged(path, staging, run.run_id) == []
    assert rows(path, "select count(*) from activations") == [(4,)]


# Loading later


def test_a_run_that_was_staged_while_the_file_was_held_is_finished_by_load(path: Path) -> None:
    run, staging = begin(path)
    with held(path) as holder:
        for shard_index in (0, 1):
            staging.stage(shard_index, shard(run, shard_index))
        with pytest.raises(WarehouseBusy, match=rf"process {holder.pid}\).*'clip-warehouse load'"):
            load_staged(path, staging, run.run_id, patience_s=0.1)
        assert staging.staged() == [0, 1]
    assert load_everything(path) == {run.run_id: 2}
    assert rows(path, "select status, row_count from runs") == [("complete", 8)]


def test_load_loads_every_run_and_leaves_no_folder(path: Path) -> None:
    for record in (RUN, AVERAGE_RUN):
        run, staging = begin(path, record)
        staging.stage(0, shard(run, 0))
    assert load_everything(path) == {1: 1, 2: 1}
    assert not staging_folder(path).exists()
    assert load_everything(path) == {}


def test_load_drops_broken_shards(path: Path) -> None:
    run, staging = begin(path)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(run, shard_index))
    torn(staging)
    assert load_everything(path) == {run.run_id: 1}
    assert rows(path, "select shard_index from shards") == [(1,)]


def test_load_leaves_a_run_alone_that_another_process_computes(path: Path) -> None:
    run, staging = begin(path)
    staging.stage(0, shard(run, 0))
    with staging.only_me(), pytest.raises(WarehouseBusy, match="another process is computing this very run"):
        load_everything(path)
    assert staging.staged() == [0]


def test_load_of_a_missing_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        load_everything(tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []
