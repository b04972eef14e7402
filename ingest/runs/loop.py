"""The run loop that all jobs share: begin or resume a run, compute its missing shards, stage each, load each.

A shard is staged first, then loaded in one transaction: a process that is killed at any moment loses at most the shard
it was computing (on a GPU the one before too, if it was being staged), and no shard is loaded twice.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import polars as pl

from ingest.network.layers import batch_norm_of
from ingest.network.model import ClipModel
from ingest.runs.job import Advance, Job, Rows
from warehouse.connection import WRITER_PATIENCE_S
from warehouse.errors import NeverWhole, WarehouseBusy
from warehouse.loading import ModelRecord, Run, RunRecord, begin_run, load_staged, missing_shards
from warehouse.progress import Progress
from warehouse.staging import Staging

_PATIENCE_BETWEEN_SHARDS_S = 1.0
_MOST_TIMES = 3  # attempts at a shard: one that is broken each time is no accident
_LIBRARIES = ("clip-circuits-warehouse", "torch", "open_clip_torch", "duckdb", "polars", "numpy", "pillow")


class Shards(Protocol):
    """Computes and stages the given shards somewhere, in any order; yields each index when its shard is staged."""

    def __call__(
        self, job: Job, run: Run, staging: Staging, shard_indices: list[int], advance: Advance
    ) -> Generator[int]: ...


@dataclass(frozen=True)
class Outcome:
    """What a call of `run` did: shards computed now, and shards that existed already."""

    run_id: int
    computed: int
    found: int


def here(job: Job, run: Run, staging: Staging, shard_indices: list[int], advance: Advance) -> Generator[int]:
    """The shards one after the other in this process; a GPU measures one while the last one is staged. See Shards."""
    if job.arithmetic.is_gpu:
        yield from _beside_staging(job, run, staging, shard_indices, advance)
        return
    for shard_index in shard_indices:
        compute_and_stage(job, shard_index, run, staging, advance)
        yield shard_index


def _beside_staging(job: Job, run: Run, staging: Staging, shard_indices: list[int], advance: Advance) -> Generator[int]:
    with ThreadPoolExecutor(1, "stager") as stager:
        before: tuple[int, Future[None]] | None = None
        for shard_index in shard_indices:
            rows = _measured(job, shard_index, run, advance)
            if before is not None:
                yield _finished(*before)
            before = shard_index, stager.submit(_stage, staging, shard_index, rows)
        if before is not None:
            yield _finished(*before)


def compute_and_stage(job: Job, shard_index: int, run: Run, staging: Staging, advance: Advance) -> None:
    """Compute one shard and stage it."""
    _stage(staging, shard_index, _measured(job, shard_index, run, advance))


def _measured(job: Job, shard_index: int, run: Run, advance: Advance) -> Rows:
    with job.arithmetic.active():
        return job.measured(shard_index, run, advance)


def _stage(staging: Staging, shard_index: int, rows: Rows) -> None:
    staging.stage(shard_index, rows())


def _finished(shard_index: int, staged: Future[None]) -> int:
    staged.result()
    return shard_index


def run(job: Job, warehouse: Path, patience_s: float = WRITER_PATIENCE_S, shards: Shards = here) -> Outcome:
    """Run a job to completion in the warehouse; the same call again resumes it, or does nothing.

    shards: computes them, here or elsewhere. They are always staged and loaded in the same way.

    Raises WarehouseBusy if another process holds the file until the end: all shards are then staged, none is lost.
    Raises NeverWhole for a shard that cannot be read back, however often it is computed.
    """
    record = run_record(job)
    own = model_record(job.model) if job.model else None
    others = [model_record(other) for other in job.others]
    begun = begin_run(warehouse, record, own, job.stimuli, patience_s, others=others)
    staging = Staging(warehouse, begun.warehouse_id, record.settings_sha256)
    computed = 0
    with staging.only_me():
        times: Counter[int] = Counter()
        while missing := missing_shards(warehouse, begun.run_id, patience_s):
            staged = staging.staged()
            wanted = [index for index in missing if index not in staged]
            for index in wanted:
                if times[index] == _MOST_TIMES:
                    raise NeverWhole(staging.folder, index, _MOST_TIMES)
            times.update(wanted)
            computed += _compute(job, begun, staging, shards, wanted)
            load_staged(warehouse, staging, begun.run_id, patience_s)
        staging.remove()  # also if an earlier process was killed between its last load and this line
    return Outcome(begun.run_id, computed, job.shard_count - computed)


def run_record(job: Job) -> RunRecord:
    """A job as a run; its identity is the hash of weights, job name and settings."""
    settings = asdict(job.settings)
    identity = {"weights_sha256": job.model and job.model.weights_sha256, "job": job.name, "settings": settings}
    return RunRecord(
        job_name=job.name,
        settings=json.dumps(settings),
        settings_sha256=hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest(),
        device=job.arithmetic.device,
        dtype=job.arithmetic.precision,
        versions=json.dumps({"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}),
        shard_count=job.shard_count,
        part_name=job.part_name,
        baseline_content_sha256=job.baseline_content_sha256,
    )


def model_record(model: ClipModel) -> ModelRecord:
    """The rows of a model, its layers and its units."""
    scales_and_shifts = [batch_norm_of(model.trunk, layer) for layer in model.layers]
    units = pl.concat(
        pl.DataFrame(
            {
                "layer_name": layer.layer_name,
                "channel_index": range(layer.channel_count),
                "unit_name": [f"{layer.layer_name}/{channel}" for channel in range(layer.channel_count)],
                "batch_norm_scale": scale,
                "batch_norm_shift": shift,
            },
            schema_overrides={"batch_norm_scale": pl.Float32, "batch_norm_shift": pl.Float32},
        )
        for layer, (scale, shift) in zip(model.layers, scales_and_shifts, strict=True)
    )
    row: dict[str, str | int] = {
        "model_name": model.model_name,
        "pretrained_tag": model.pretrained_tag,
        "weights_sha256": model.weights_sha256,
        "image_size_px": model.image_size_px,
        "layer_count": len(model.layers),
        "unit_count": len(units),
    }
    return ModelRecord(row, pl.DataFrame([asdict(layer) for layer in model.layers]), units)


def _compute(job: Job, begun: Run, staging: Staging, shards: Shards, shard_indices: list[int]) -> int:
    """Compute and stage the given shards; meanwhile load what is staged, whenever the file is free."""
    total = sum(map(job.size_of, range(job.shard_count)))
    missing = sum(map(job.size_of, shard_indices))
    title = f"{job.name} of {job.model.model_name}" if job.model else job.name
    with (
        Progress(title, job.counted, total, total - missing) as progress,
        ThreadPoolExecutor(1, "loader") as loader,
        closing(shards(job, begun, staging, shard_indices, progress.advance)) as finished,
    ):
        loading = loader.submit(_load_what_can_be, staging.warehouse, staging, begun.run_id)  # of earlier processes
        for _ in finished:
            if loading.done() and not job.reads_its_file:
                loading.result()
                loading = loader.submit(_load_what_can_be, staging.warehouse, staging, begun.run_id)
        loading.result()
    return len(shard_indices)


def _load_what_can_be(warehouse: Path, staging: Staging, run_id: int) -> None:
    """Load what is staged if the file is free: computing goes on, and the end of the run loads the rest."""
    with suppress(WarehouseBusy):
        load_staged(warehouse, staging, run_id, _PATIENCE_BETWEEN_SHARDS_S)


def _version(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "checkout"
