"""Queries in processes of their own, for the SQL page: a process is killed when its query cannot be interrupted.

DuckDB notices an interrupt between two pieces of work, and one call of one scalar function (levenshtein of two long
texts, repeat of 2 GB) is one piece. Only killing the process stops that, and frees its memory.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from select import select
from typing import IO, Any

import polars as pl

from warehouse.errors import ClipWarehouseError, QueryError, QueryTimeout
from warehouse.reading import GRACE_S, ending_process, query

_BYTES_LIMIT = 512 << 20  # of an answer: the asking process holds it too
_START_S = 30.0  # patience for a process to begin, on a busy machine
_MOST_WAITING = 2
_SERVE = "import sys; sys.path.insert(0, sys.argv[1]); from warehouse.query_process import serve; serve()"

_Process = subprocess.Popen[bytes]


class Askers:
    """A pool of processes, each answering one query at a time: one for each concurrent query, a few kept for later."""

    def __init__(self) -> None:
        self._waiting: list[_Process] = []
        self._turn = threading.Lock()

    def query(
        self, sql: str, /, *, warehouse: Path, row_limit: int, time_limit_s: float, patience_s: float
    ) -> pl.DataFrame:
        """What reading.query returns or raises; QueryTimeout also for a statement that ignores its interrupt."""
        options = {
            "warehouse": warehouse,
            "row_limit": row_limit,
            "time_limit_s": time_limit_s,
            "patience_s": patience_s,
        }
        process = self._taken()
        try:
            answer = _asked(process, sql, options, _START_S + patience_s + time_limit_s + 2 * GRACE_S)
        except BaseException:
            _end(process)
            raise
        if isinstance(answer, QueryTimeout):
            _end(process)  # it may still be computing
        else:
            self._put_back(process)
        if isinstance(answer, ClipWarehouseError):
            raise answer
        return pl.read_ipc(answer)

    def close(self) -> None:
        with self._turn:
            waiting, self._waiting = self._waiting, []
        for process in waiting:
            _end(process)

    def _taken(self) -> _Process:
        with self._turn:
            while self._waiting:
                process = self._waiting.pop()
                if process.poll() is None:
                    return process
                _end(process)
        return subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(Path(__file__).parents[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _put_back(self, process: _Process) -> None:
        with self._turn:
            is_kept = process.poll() is None and len(self._waiting) < _MOST_WAITING
            if is_kept:
                self._waiting.append(process)
        if not is_kept:
            _end(process)


def serve() -> None:
    """Runs in the process: queries from standard input, answers to standard output, until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # DuckDB draws its progress there
    send = partial(_send, answers)
    with ending_process(send):
        while (asked := _received()) is not None:
            sql, options = asked
            try:
                send(_packed(query(sql, **options)))
            except ClipWarehouseError as error:
                send(error)


def _received() -> tuple[str, dict[str, Any]] | None:
    try:
        asked: tuple[str, dict[str, Any]] = pickle.load(sys.stdin.buffer)
    except EOFError:
        return None
    return asked


def _packed(rows: pl.DataFrame) -> bytes:
    file = BytesIO()
    rows.write_ipc(file)
    if file.tell() > _BYTES_LIMIT:
        raise QueryError(
            f"the answer has {file.tell():,} bytes, more than {_BYTES_LIMIT:,}: ask for fewer rows or columns"
        )
    return file.getvalue()


def _send(answers: IO[bytes], answer: bytes | ClipWarehouseError) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _asked(process: _Process, sql: str, options: dict[str, Any], patience_s: float) -> bytes | ClipWarehouseError:
    assert process.stdin is not None and process.stdout is not None
    try:
        pickle.dump((sql, options), process.stdin)
        process.stdin.flush()
        if not select([process.stdout], [], [], patience_s)[0]:
            raise QueryTimeout(options["time_limit_s"])
        answer: bytes | ClipWarehouseError = pickle.load(process.stdout)
    except (EOFError, pickle.UnpicklingError, BrokenPipeError) as error:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_S)
        raise QueryError(
            f"the query's process ended ({process.poll()}), most likely for lack of memory: narrow the query"
        ) from error
    return answer


def _end(process: _Process) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # closing flushes, and the other end is gone
                pipe.close()
    process.wait()
