"""The shards of a run in the workers of a Ray cluster.

The driver, which is the command itself, begins the run, hands out shards and loads them. A worker is an actor: it makes
the job with its model once, then computes and stages shards as the local runner does, in the warehouse's own staging
folder. So only counts come back, and the shards that a dead worker leaves behind are complete.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ingest.ray.cluster import cpus_per_worker, first_line, ray
from ingest.runs.job import Job
from ingest.runs.loop import compute_and_stage, run_record
from warehouse.errors import ClipWarehouseError, ClusterFailed
from warehouse.loading import Run
from warehouse.staging import Staging

MakeJob = Callable[[], Job]

_INSTALL = "install the same version of this program, with its extra [ray], on every machine"
_MOST_DEATHS = 3
_POLL_S = 0.5
_PATIENCE_S = 900.0
_FAREWELL_S = 5.0
_GONE = (ray.exceptions.ActorDiedError, ray.exceptions.ActorUnavailableError, ray.exceptions.OutOfMemoryError)


class ShardWorker:
    """One process of the cluster: the job with its model, built once; one shard at a time."""

    def __init__(self, folder: str, thread_count: int | None) -> None:
        with suppress(OSError):  # relative paths of checkpoints mean what they meant where the command was typed
            os.chdir(folder)
        self._thread_count = thread_count
        self._counted = (-1, 0)
        self._closing = ExitStack()

    def build(self, make_job: bytes, settings_sha256: str) -> None:
        """Make the job. Raises ClusterFailed when it is another one than the driver's."""
        try:
            self._job: Job = self._closing.enter_context(closing(ray.cloudpickle.loads(make_job)()))
        except ModuleNotFoundError as error:
            raise ClusterFailed(f"{socket.gethostname()} cannot build the job ({error})", _INSTALL) from error
        if run_record(self._job).settings_sha256 != settings_sha256:
            raise ClusterFailed(
                f"{socket.gethostname()} would compute another run than the one that was asked for",
                _INSTALL,
            )

    def compute(self, shard_index: int, run: Run, staging: Staging) -> set[int]:
        """Compute and stage a shard; returns the ids of images that could not be read."""
        if self._thread_count:
            torch.set_num_threads(self._thread_count)  # of this very thread: Ray chooses among the actor's
        self._counted = (shard_index, 0)
        compute_and_stage(self._job, shard_index, run, staging, self._advance)
        return self._job.unreadable

    def counted(self) -> tuple[int, int]:
        """The shard in hand, and how much of it is done."""
        return self._counted

    def close(self) -> None:
        self._closing.close()

    def _advance(self, count: int) -> None:
        shard_index, done = self._counted
        self._counted = (shard_index, done + count)


@dataclass(frozen=True)
class OnCluster:
    """Shards of the job that `make_job` makes, in workers of the cluster. See ingest.runs.loop.Shards.

    make_job: picklable, and best small: a model in it travels as its name. cpu_count: of a worker without a GPU.
    """

    make_job: MakeJob
    cpu_count: int | None = None

    def __call__(
        self, job: Job, run: Run, staging: Staging, shard_indices: list[int], advance: Callable[[int], None]
    ) -> Generator[int]:
        if not shard_indices:
            return
        crew = _Crew(self, job, run, staging, shard_indices, advance)
        try:
            yield from crew.finished()
        finally:
            crew.dismiss()


class _Crew:
    """The workers of one run, and what each of them does now."""

    def __init__(
        self,
        cluster: OnCluster,
        job: Job,
        run: Run,
        staging: Staging,
        shard_indices: Sequence[int],
        advance: Callable[[int], None],
    ) -> None:
        self._job, self._advance = job, advance
        self._staging = Staging(staging.warehouse.absolute(), staging.warehouse_id, staging.run_sha256)
        self._run, self._make_job = ray.put(run), ray.put(ray.cloudpickle.dumps(cluster.make_job))
        self._settings_sha256 = run_record(job).settings_sha256
        self._cpu_count = cluster.cpu_count or cpus_per_worker()
        self._waiting = deque(shard_indices)
        self._tasks: dict[Any, tuple[Any, int | None]] = {}  # task -> its worker, its shard; None while it is built
        self._counts: Counter[int] = Counter()
        self._deaths: Counter[int | None] = Counter()
        self._last_sign = time.monotonic()
        for _ in range(min(len(shard_indices), self._room())):
            self._hire()

    def finished(self) -> Generator[int]:
        """Each shard's index once it is staged. Raises what a worker raised, ClusterFailed when workers keep dying."""
        while self._waiting or self._computing():
            done, _ = ray.wait(list(self._tasks), timeout=_POLL_S)
            for task in done:
                shard_index = self._settle(task)
                if shard_index is not None:
                    yield shard_index
            self._count()
            self._require_life()

    def dismiss(self) -> None:
        """End all workers; what they are computing is lost, what they have staged is not."""
        workers = [worker for worker, _ in self._tasks.values()]
        self._tasks.clear()
        self._end(workers)

    def _room(self) -> int:
        """How many workers the cluster has room for."""
        kind, each = ("GPU", 1) if self._job.arithmetic.is_gpu else ("CPU", self._cpu_count)
        return max(1, int(ray.cluster_resources().get(kind, 0)) // each)

    def _hire(self) -> None:
        on_gpu = self._job.arithmetic.is_gpu
        # On a GPU the threads that wait for it take no CPU away from those that decode.
        needs = {"num_gpus": 1, "num_cpus": 0} if on_gpu else {"num_cpus": self._cpu_count}
        hired = ray.remote(ShardWorker).options(max_concurrency=2, **needs)
        worker: Any = hired.remote(str(Path.cwd()), None if on_gpu else self._cpu_count)
        self._tasks[worker.build.remote(self._make_job, self._settings_sha256)] = (worker, None)

    def _settle(self, task: Any) -> int | None:
        """Take in what a task has come to and give its worker the next shard; the index of a shard that is staged."""
        worker, shard_index = self._tasks.pop(task)
        self._last_sign = time.monotonic()
        try:
            unreadable = ray.get(task)
        except _GONE as error:
            return self._replace(worker, shard_index, error)
        except ray.exceptions.RayTaskError as error:
            self._end([worker])
            raise (error.cause if isinstance(error.cause, ClipWarehouseError) else error) from None
        if unreadable:
            self._job.unreadable.update(unreadable)
        if self._waiting:
            self._give(worker, self._waiting.popleft())
        else:
            self._end([worker])
        return self._done(shard_index)

    def _give(self, worker: Any, shard_index: int) -> None:
        self._tasks[worker.compute.remote(shard_index, self._run, self._staging)] = (worker, shard_index)

    def _replace(self, worker: Any, shard_index: int | None, error: ray.exceptions.RayError) -> int | None:
        """A new worker for one that died; its shard is computed again, unless it is completely staged."""
        ray.kill(worker)
        if "ModuleNotFoundError" in str(error):
            raise ClusterFailed(f"a worker cannot import the program ({_last_line(error)})", _INSTALL)
        self._deaths[shard_index] += 1
        if self._deaths[shard_index] >= _MOST_DEATHS:
            what = "the model" if shard_index is None else f"shard {shard_index}"
            raise ClusterFailed(
                f"{what} has ended {_MOST_DEATHS} workers ({first_line(error)})",
                "see that a worker has the memory for it, and run the same command again",
            )
        if shard_index is not None and shard_index in self._staging.staged():
            finished = self._done(shard_index)
        else:
            finished = None
            if shard_index is not None:
                self._advance(-self._counts.pop(shard_index, 0))
                self._waiting.appendleft(shard_index)
        if self._waiting:
            self._hire()
        return finished

    def _done(self, shard_index: int | None) -> int | None:
        if shard_index is not None and (rest := self._job.size_of(shard_index) - self._counts.pop(shard_index, 0)):
            self._advance(rest)
        return shard_index

    def _computing(self) -> dict[int, Any]:
        return {shard_index: worker for worker, shard_index in self._tasks.values() if shard_index is not None}

    def _count(self) -> None:
        """Ask the workers how far they are; one that does not answer is asked again later."""
        asked = [worker.counted.remote() for worker in self._computing().values()]
        answered, _ = ray.wait(asked, num_returns=len(asked), timeout=_POLL_S) if asked else ([], [])
        for answer in answered:
            with suppress(ray.exceptions.RayError):
                shard_index, count = ray.get(answer)
                if shard_index in self._computing() and count != self._counts[shard_index]:
                    self._advance(count - self._counts[shard_index])
                    self._counts[shard_index] = count

    def _require_life(self) -> None:
        if not self._computing() and time.monotonic() - self._last_sign > _PATIENCE_S:
            raise ClusterFailed(
                f"no worker came up in {_PATIENCE_S:.0f} s",
                "see 'ray status' for what the cluster lacks, and run the same command again",
            )

    def _end(self, workers: Sequence[Any]) -> None:
        """Let workers end what they started (their decoding processes), then end them."""
        farewells = [worker.close.remote() for worker in workers]
        if farewells:
            ray.wait(farewells, num_returns=len(farewells), timeout=_FAREWELL_S)
        for worker in workers:
            ray.kill(worker)


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1].strip()
