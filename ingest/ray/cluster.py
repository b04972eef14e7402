"""A Ray cluster: joining it, what it has, and decoding on its CPUs. Imported only where --runner ray is asked for."""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ingest.network.device import Arithmetic, arithmetic
from ingest.stimuli.decoders import Decoders, Decoding, Later, decode_alone
from ingest.stimuli.decoding import Decoded, DecodingSettings, Wanted, decode_all
from warehouse.errors import ClipWarehouseError, ClusterFailed, RunnerMissing, UsageError

try:
    import ray as ray  # exported: the runner takes it from here, with the error below
    from ray.exceptions import NodeDiedError, OutOfMemoryError, RayError, RayTaskError, WorkerCrashedError
except ModuleNotFoundError as error:
    raise RunnerMissing from error

_MOST_CPUS = 4  # of a worker without a GPU: more threads than that gain little on maps of this size
_KNOCK_S = 5.0
_CHUNK = 32
_CHUNKS_AHEAD = 48
_TASK_GONE = (WorkerCrashedError, OutOfMemoryError, NodeDiedError)


def connect(address: str | None = None) -> None:
    """Join the cluster at an address, else at $RAY_ADDRESS, else start one here that ends with this process.

    Raises ClusterFailed when nothing answers there.
    """
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    _require_listening(address)
    own: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except (ConnectionError, RuntimeError, ValueError, RayError) as error:
        raise _no_cluster(address, error) from error


def _require_listening(address: str) -> None:
    """Ask a HOST:PORT once: Ray itself would knock for ten minutes where nothing listens."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not (host and port.isdigit()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_S).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> ClusterFailed:
    return ClusterFailed(
        f"no Ray cluster answers at {address} ({first_line(error)})",
        "start one with 'ray start --head', or leave --ray-address out to use this machine",
    )


def cluster_arithmetic(device: str, precision: str) -> Arithmetic:
    """The device meant by `auto`, `cpu` or `cuda` on the cluster; the driver needs none. Raises UsageError."""
    gpu_count = int(ray.cluster_resources().get("GPU", 0))
    if device == "auto":
        device = "cuda" if gpu_count else "cpu"
    if device not in ("cpu", "cuda"):
        raise UsageError(
            f"no device {device!r} on a cluster: take auto, cpu or cuda; Ray gives each worker its own GPU"
        )
    if device == "cuda" and not gpu_count:
        raise UsageError("no device 'cuda': the cluster has no GPU; take --device cpu")
    here = arithmetic("cpu", precision)  # checks the name; what a GPU can do, its worker knows
    return here if device == "cpu" else replace(here, device=device, precision=precision)


def cpus_per_worker() -> int:
    """CPUs of a worker without a GPU: what the smallest machine has, up to a few."""
    counts = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    return max(1, min([_MOST_CPUS, *(count for count in counts if count)]))


def decoders_for(arithmetic: Arithmetic) -> Callable[[DecodingSettings], Decoding]:
    """Where workers decode: for GPUs on all CPUs of the cluster, else in processes beside, one a CPU of the worker."""
    return ClusterDecoders if arithmetic.is_gpu else partial(Decoders, worker_count=cpus_per_worker())


class ClusterDecoders:
    """Decodes in tasks on any CPU of the cluster, in order, a bounded number of chunks ahead. See Decoding.

    Nothing is decoded for afterwards: the next shard is most likely another worker's.
    """

    def __init__(self, settings: DecodingSettings) -> None:
        self.settings = settings

    def decoded(self, wanted: Sequence[Wanted], afterwards: Later = tuple) -> Iterator[Decoded]:
        chunks = deque(wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
        waiting: deque[tuple[Sequence[Wanted], Any]] = deque()
        while chunks or waiting:
            while chunks and len(waiting) < _CHUNKS_AHEAD:
                waiting.append((chunks[0], self._submitted(chunks.popleft())))
            yield from self._result(*waiting.popleft())

    def close(self) -> None:
        """Nothing is left: the tasks of a worker end with it."""

    def _submitted(self, chunk: Sequence[Wanted]) -> Any:
        return self._task(decode_all).remote(chunk, self.settings)

    def _result(self, chunk: Sequence[Wanted], task: Any) -> list[Decoded]:
        """A chunk's pictures; when its process died, each of them in a process of its own."""
        try:
            found: list[Decoded] = _got(task)
        except _TASK_GONE:
            return [self._alone(picture) for picture in chunk]
        return found

    def _alone(self, picture: Wanted) -> Decoded:
        try:
            decoded: Decoded = _got(self._task(decode_alone).remote(picture, self.settings, decode_all))
        except _TASK_GONE as error:
            advice = "see that the machines have memory for it, and run the same command again"
            raise ClusterFailed(
                f"the task that decodes {picture[0]!r:.200} ended ({first_line(error)})", advice
            ) from error
        return decoded

    def _task(self, function: Callable[..., Any]) -> Any:
        return ray.remote(function).options(num_cpus=1, max_retries=0)


def _got(task: Any) -> Any:
    """What a task gives, or raises of ours."""
    try:
        return ray.get(task)
    except RayTaskError as error:
        if isinstance(error.cause, ClipWarehouseError):
            raise error.cause from None
        raise


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
