"""Worker processes that decode, in order and with a bounded queue; a file that kills its worker costs only itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Protocol

from ingest.runs.processes import ProcessEnded, apart, usable_cores, workers
from ingest.stimuli.decoding import Decoded, DecodingSettings, Wanted, decode_all
from warehouse.errors import MachineFault

_CHUNK = 32
_AHEAD_PER_WORKER = 3
_MOST_WORKERS = 16
_Decode = Callable[[Sequence[Wanted], DecodingSettings], list[Decoded]]


class Decoding(Protocol):
    """Decodes in other processes, in the order given. Raises as decode_all, and MachineFault for a dead worker."""

    def decoded(self, wanted: Sequence[Wanted]) -> Iterator[Decoded]: ...

    def close(self) -> None: ...


class Decoders:
    """A pool of decoding processes; a broken pool is replaced by a new one."""

    def __init__(self, settings: DecodingSettings, worker_count: int | None = None) -> None:
        self.settings = settings
        self._worker_count = worker_count or min(_MOST_WORKERS, usable_cores())
        self._pool: ProcessPoolExecutor | None = None

    def decoded(self, wanted: Sequence[Wanted]) -> Iterator[Decoded]:
        """The pictures in their order, a bounded number of them ahead."""
        chunks = deque(wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
        waiting: deque[tuple[Sequence[Wanted], Future[list[Decoded]] | None]] = deque()
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

    def _submitted(self, chunk: Sequence[Wanted]) -> Future[list[Decoded]] | None:
        if self._pool is None:
            self._pool = workers(self._worker_count)
        try:
            return self._pool.submit(decode_all, chunk, self.settings)
        except BrokenProcessPool:
            return None

    def _result(self, chunk: Sequence[Wanted], future: Future[list[Decoded]] | None) -> list[Decoded]:
        """A chunk's pictures; if the pool breaks, each of them in a process of its own."""
        try:
            if future is not None:
                return future.result()
        except BrokenProcessPool:
            pass
        self.close()
        return [decode_alone(picture, self.settings, decode_all) for picture in chunk]


def decode_alone(picture: Wanted, settings: DecodingSettings, decode: _Decode = decode_all) -> Decoded:
    """One picture in a process of its own, which it may crash. Raises MachineFault if the process ends otherwise."""
    try:
        (decoded,) = apart(decode, [picture], settings)
    except ProcessEnded as end:
        if end.is_crash:
            return Decoded(error_message="the decoder crashed on it")
        what = f"the process that decodes {picture[0]}" if isinstance(picture[0], str) else "the process that decodes"
        advice = "free memory (or leave that picture out, if it is always the same)"
        raise MachineFault(what, str(end), advice) from end
    return decoded
