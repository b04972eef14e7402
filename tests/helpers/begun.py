"""Programs in processes of their own, begun from a server that has imported the large libraries already.

A process that imports PyTorch itself takes several seconds for that; one of these takes as long as its own work. It can
be killed, interrupted and limited like any other, and has nothing of the tests' process but the environment.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

_ROOT = str(Path(__file__).parents[2])
# Not our own modules, which start numba's threads: a process with threads is not to be forked.
_PRELOADED = ["torch", "open_clip", "numba", "duckdb", "polars", "pyarrow.parquet"]

# Pools of workers that the tests begin come from the same server.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(_PRELOADED)


class Begun:
    """The Python program `source` with arguments; it speaks like subprocess.Popen, errors as text.

    room_bytes: no file may grow beyond that many bytes.
    """

    def __init__(
        self,
        source: str,
        *arguments: str,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        room_bytes: int | None = None,
    ) -> None:
        descriptor, self._errors = tempfile.mkstemp(suffix=".stderr")
        os.close(descriptor)
        given = (source, arguments, str(folder or Path.cwd()), {**os.environ, **(environment or {})}, room_bytes)
        self._process = CONTEXT.Process(target=_run, args=(self._errors, *given))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def kill(self) -> None:
        self._process.kill()

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.kill(self.pid, signal.SIGINT)

    def ended(self, timeout: float = 900) -> tuple[int, str]:
        """Exit code (less than 0: the signal) and what it said, when it has ended."""
        self._process.join(timeout)
        if self.returncode is None:
            self.kill()
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        said = Path(self._errors)
        errors = said.read_text(encoding="utf-8")
        said.unlink()
        return self.returncode, errors


def _run(
    errors: str, source: str, arguments: tuple[str, ...], folder: str, environment: dict[str, str], room: int | None
) -> None:
    written = os.open(errors, os.O_WRONLY)
    os.dup2(written, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[:0] = [_ROOT]
    sys.argv = ["-c", *arguments]
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    exec(compile(source, "<string>", "exec"), {"__name__": "__main__"})
