"""What the run loop computes again and what it does not, with a job that needs no model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import warehouse
from helpers.small_run import MODEL, STIMULI, shard
from ingest.runs import loop as runner
from ingest.runs.job import Job
from warehouse import loading
from warehouse.errors import NeverWhole, WarehouseBusy
from warehouse.loading import Run
from warehouse.staging import Staging, staging_folder


@dataclass(frozen=True)
class Settings:
    words: str = "cat, dog, cow"


class CountedJob(Job):
    """The run of small_run.py; remembers which shards it was asked to compute."""

    name, counted = "words", "words"
    settings, shards, stimuli = Settings(), range(2), STIMULI
    model = SimpleNamespace(model_name="RN50", weights_sha256="weights")  # type: ignore[assignment]

    def __init__(self, before: Callable[[int], None] = lambda shard_index: None) -> None:
        self.computed: list[int] = []
        self.before = before

    def size_of(self, shard_index: int) -> int:
        return 2

    def compute(self, shard_index: int, run: Run, advance: Callable[[int], None]) -> dict[str, pl.DataFrame]:
        self.before(shard_index)
        self.computed.append(shard_index)
        return shard(run, shard_index)


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "model_record", lambda model: MODEL)


def run(job: CountedJob, path: Path) -> runner.Outcome:
    outcome = runner.run(job, path)
    assert warehouse.query("select status, row_count from runs", warehouse=path).rows() == [("complete", 8)]
    assert not staging_folder(path).exists()
    return outcome


def staging_of(job: CountedJob, path: Path) -> tuple[Run, Staging]:
    record = runner.run_record(job)
    begun = loading.begin_run(path, record, MODEL, STIMULI)
    return begun, Staging(path, begun.warehouse_id, record.settings_sha256)


def locked_out(*arguments: Any) -> list[int]:
    raise WarehouseBusy(Path("w.duckdb"), "somebody", 0.0)


def test_a_shard_that_always_comes_broken_stops_the_run(empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Staging.stage

    def torn(staging: Staging, shard_index: int, tables: dict[str, pl.DataFrame]) -> Path:
        folder = stage(staging, shard_index, tables)
        if shard_index == 1:
            os.truncate(folder / "activations.parquet", 100)
        return folder

    job = CountedJob()
    with monkeypatch.context() as unsound:
        unsound.setattr(Staging, "stage", torn)
        with pytest.raises(NeverWhole, match=r"shard 1 was computed 3 times, .* run the same command again"):
            runner.run(job, empty_warehouse)
    assert job.computed == [0, 1, 1, 1]
    assert run(CountedJob(), empty_warehouse) == runner.Outcome(1, computed=1, found=1)


def test_each_shard_is_computed_once(empty_warehouse: Path) -> None:
    job = CountedJob()
    assert run(job, empty_warehouse) == runner.Outcome(1, computed=2, found=0)
    assert job.computed == [0, 1]


def test_a_complete_run_is_not_computed_again(empty_warehouse: Path) -> None:
    run(CountedJob(), empty_warehouse)
    again = CountedJob()
    assert run(again, empty_warehouse) == runner.Outcome(1, computed=0, found=2)
    assert again.computed == []


def test_what_a_process_killed_after_its_last_load_left_staged_is_removed(empty_warehouse: Path) -> None:
    begun, staging = staging_of(CountedJob(), empty_warehouse)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(begun, shard_index))
    loading.load_staged(empty_warehouse, staging, begun.run_id)
    assert staging.folder.exists()
    assert run(CountedJob(), empty_warehouse) == runner.Outcome(1, computed=0, found=2)


def test_shards_that_were_staged_while_the_file_was_held_are_not_computed_again(
    empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as held:
        held.setattr(runner, "load_staged", locked_out)
        with pytest.raises(WarehouseBusy):
            run(CountedJob(), empty_warehouse)
    again = CountedJob()
    assert run(again, empty_warehouse) == runner.Outcome(1, computed=0, found=2)
    assert again.computed == []


def test_a_loaded_and_a_staged_shard_are_both_kept(empty_warehouse: Path) -> None:
    begun, staging = staging_of(CountedJob(), empty_warehouse)
    staging.stage(0, shard(begun, 0))
    loading.load_staged(empty_warehouse, staging, begun.run_id)
    staging.stage(1, shard(begun, 1))
    job = CountedJob()
    run(job, empty_warehouse)
    assert job.computed == []


def test_a_torn_shard_is_computed_again(empty_warehouse: Path) -> None:
    begun, staging = staging_of(CountedJob(), empty_warehouse)
    for shard_index in (0, 1):
        staging.stage(shard_index, shard(begun, shard_index))
    os.truncate(staging.folder / "000001" / "activations.parquet", 100)
    job = CountedJob()
    assert run(job, empty_warehouse) == runner.Outcome(1, computed=1, found=1)
    assert job.computed == [1]


def test_a_shard_that_breaks_before_it_is_loaded_is_computed_again(
    empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, staging = staging_of(CountedJob(), empty_warehouse)

    def tear_the_first(shard_index: int) -> None:
        if job.computed == [0]:
            while 0 not in staging.staged():
                time.sleep(0.01)
            os.truncate(staging.folder / "000000" / "activations.parquet", 100)

    def held_after_the_first(*arguments: Any) -> list[int]:
        return locked_out() if job.computed == [0] else loading.load_staged(*arguments)

    job = CountedJob(tear_the_first)
    monkeypatch.setattr(runner, "load_staged", held_after_the_first)
    run(job, empty_warehouse)
    assert job.computed == [0, 1, 0]


def test_an_interrupted_run_keeps_its_finished_shards(empty_warehouse: Path) -> None:
    def stopped(shard_index: int) -> None:
        if shard_index == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(CountedJob(stopped), empty_warehouse)
    job = CountedJob()
    run(job, empty_warehouse)
    assert job.computed == [1]
