"""Worker processes that decode, in order and with a bounded queue; one that a file kills takes only that file along."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Protocol

from ingest.runs.processes import workers
from ingest.stimuli.decoding import Decoded, DecodingSettings, decode_all

_CHUNK = 32
_AHEAD_PER_WORKER = 3
_MOST_WORKERS = 16
_Wanted = Sequence[tuple[str, str]]


class Decoding(Protocol):
    """Decodes somewhere else: the pictures at (address, expected SHA-256), in their order."""

    def decoded(self, wanted: _Wanted) -> Iterator[Decoded]: ...

    def close(self) -> None: ...


class Decoders:
    """A pool of decoding processes; a new one takes the place of one that broke."""

    def __init__(self, settings: DecodingSettings, worker_count: int | None = None) -> None:
        self.settings = settings
        self._worker_count = worker_count or min(_MOST_WORKERS, len(os.sched_getaffinity(0)))
        self._pool: ProcessPoolExecutor | None = None

    def decoded(self, wanted: _Wanted) -> Iterator[Decoded]:
        """The pictures at (address, expected SHA-256), in their order, a bounded number of them ahead."""
        chunks = deque(wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
        waiting: deque[tuple[_Wanted, Future[list[Decoded]] | None]] = deque()
        while chunks or waiting:
            while chunks and len(waiting) < _AHEAD_PER_WORKER * self._worker_count:
                chunk = chunks.popleft()
                waiting.append((chunk, self._submitted(chunk)))
            chunk, future = waiting.popleft()
            yield from self._result(chunk, future)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Decoders:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _submitted(self, chunk: _Wanted) -> Future[list[Decoded]] | None:
        if self._pool is None:
            self._pool = workers(self._worker_count)
        try:
            return self._pool.submit(decode_all, chunk, self.settings)
        except BrokenProcessPool:
            return None

    def _result(self, chunk: _Wanted, future: Future[list[Decoded]] | None) -> list[Decoded]:
        """A chunk's pictures; when the pool broke under it, each of them in a process of its own."""
        try:
            if future is not None:
                return future.result()
        except BrokenProcessPool:
            pass
        self.close()
        return [self._alone(picture) for picture in chunk]

    def _alone(self, picture: tuple[str, str]) -> Decoded:
        with workers(1) as pool:
            try:
                (decoded,) = pool.submit(decode_all, [picture], self.settings).result()
            except BrokenProcessPool:
                return Decoded(error_message="the decoder crashed on it")
        return decoded
