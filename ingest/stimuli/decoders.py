"""Worker processes that decode, in order and with a bounded queue; a file that kills its worker costs only itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ingest.runs.processes import ProcessEnded, apart, usable_cores, workers
from ingest.stimuli.decoding import Decoded, DecodingSettings, Wanted, decode_all
from ingest.stimuli.shared_pixels import Sent, SharedPixels
from warehouse.errors import MachineFault

_CHUNK = 32
_AHEAD_PER_WORKER = 3
_MOST_WORKERS = 16
_SLOTS_IN_USE = 2 * 512 // _CHUNK + 4  # chunks of the largest batch, of the one before it, and some beside them
_Decode = Callable[[Sequence[Wanted], DecodingSettings], list[Decoded]]
Later = Callable[[], Sequence[Wanted]]
_shared: SharedPixels | None = None


class Decoding(Protocol):
    """Decodes in other processes, in the order given. Raises as decode_all, and MachineFault for a dead worker.

    afterwards: what is likely to be wanted next, asked for when all that is wanted is under way.
    """

    def decoded(self, wanted: Sequence[Wanted], afterwards: Later = tuple) -> Iterator[Decoded]: ...

    def close(self) -> None: ...


class Decoders:
    """A pool of decoding processes; a broken pool is replaced by a new one."""

    def __init__(self, settings: DecodingSettings, worker_count: int | None = None) -> None:
        self.settings = settings
        self._worker_count = worker_count or min(_MOST_WORKERS, usable_cores())
        self._pool: _Pool | None = None
        self._begun: deque[_Begun] = deque()

    def decoded(self, wanted: Sequence[Wanted], afterwards: Later = tuple) -> Iterator[Decoded]:
        """The pictures in their order, a bounded number of them ahead, and then of those that come afterwards.

        One list at a time: the one before is at its end, or left off.
        """
        chunks, following = deque(_chunks(lambda: wanted)), _chunks(afterwards)
        waiting = self._taken(chunks)
        try:
            while waiting or chunks:
                while len(waiting) + len(self._begun) < _AHEAD_PER_WORKER * self._worker_count:
                    if chunks:
                        waiting.append(self._begin(chunks.popleft()))
                    elif chunk := next(following, None):
                        self._begun.append(self._begin(chunk))
                    else:
                        break
                yield from self._result(waiting.popleft())
        finally:
            _give_up(waiting)

    def close(self) -> None:
        _give_up(self._begun)
        self._end_pool()

    def __enter__(self) -> Decoders:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _taken(self, chunks: deque[Sequence[Wanted]]) -> deque[_Begun]:
        """Those of the chunks that have been begun, taken from them; what was begun in vain is given up."""
        taken: deque[_Begun] = deque()
        while self._begun and chunks and self._begun[0].chunk == chunks[0]:
            taken.append(self._begun.popleft())
            chunks.popleft()
        _give_up(self._begun)
        return taken

    def _begin(self, chunk: Sequence[Wanted]) -> _Begun:
        if self._pool is None:
            self._pool = _Pool(self.settings, self._worker_count)
        return self._pool.begin(chunk)

    def _result(self, begun: _Begun) -> list[Decoded]:
        """A chunk's pictures; if its pool breaks, each of them in a process of its own."""
        try:
            return begun.pool.result(begun)
        except BrokenProcessPool:
            if begun.pool is self._pool:
                self._end_pool()
        return [decode_alone(picture, self.settings, decode_all) for picture in begun.chunk]

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None


@dataclass(frozen=True)
class _Begun:
    """A chunk that a pool decodes, into a slot if one was free; without a future, the pool was broken."""

    chunk: Sequence[Wanted]
    pool: _Pool
    slot: int | None
    future: Future[Sent] | None


class _Pool:
    """Decoding processes, and the memory that they leave pixels in."""

    def __init__(self, settings: DecodingSettings, worker_count: int) -> None:
        size_px, slot_count = settings.image_size_px, _AHEAD_PER_WORKER * worker_count + _SLOTS_IN_USE
        self._settings = settings
        self._pixels = SharedPixels.new((slot_count, _CHUNK, size_px, size_px, 3))
        self._processes = workers(worker_count, _use, self._pixels)

    def begin(self, chunk: Sequence[Wanted]) -> _Begun:
        slot = self._pixels.take() if self._pixels else None
        try:
            future = self._processes.submit(_sent, decode_all, chunk, self._settings, slot)
        except BrokenProcessPool:
            return _Begun(chunk, self, slot, None)
        return _Begun(chunk, self, slot, future)

    def result(self, begun: _Begun) -> list[Decoded]:
        """Raises BrokenProcessPool, and what decode_all raises."""
        if begun.future is None:
            raise BrokenProcessPool
        try:
            sent = begun.future.result()
        except Exception:
            self._give_back(begun.slot)
            raise
        return sent.decoded if begun.slot is None or self._pixels is None else self._pixels.received(begun.slot, sent)

    def give_up(self, begun: _Begun) -> None:
        """It is decoded for nothing: a pool that breaks while it has cancelled work never ends (Python 3.11)."""
        if begun.future is not None:
            begun.future.add_done_callback(lambda _: self._give_back(begun.slot))

    def close(self) -> None:
        self._processes.shutdown(wait=False, cancel_futures=True)
        if self._pixels:
            self._pixels.close()

    def _give_back(self, slot: int | None) -> None:
        if self._pixels and slot is not None:
            self._pixels.give_back(slot)


def _give_up(waiting: deque[_Begun]) -> None:
    while waiting:
        begun = waiting.popleft()
        begun.pool.give_up(begun)


def _use(pixels: SharedPixels | None) -> None:
    """In a decoding process, as it begins."""
    global _shared
    _shared = pixels


def _sent(decode: _Decode, chunk: Sequence[Wanted], settings: DecodingSettings, slot: int | None) -> Sent:
    """In a decoding process: a chunk's pictures, their pixels in the slot if there is one."""
    decoded = decode(chunk, settings)
    return Sent(decoded) if slot is None or _shared is None else _shared.put(slot, decoded)


def _chunks(later: Later) -> Iterator[Sequence[Wanted]]:
    """Asks when the first chunk is taken."""
    wanted = later()
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


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
