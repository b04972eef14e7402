"""Programs in processes of their own, forked from a server that has already imported the large libraries.

A process that imports PyTorch itself takes several seconds for that; one of these takes as long as its own work. It can
be killed, interrupted and limited like any other, and has nothing of the tests' process but the environment.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

_ROOT = str(Path(__file__).parents[2])
# Not our own modules, which start numba's threads: a process with threads is not to be forked.
_PRELOADED = [
    "torch",
    "open_clip",
    "numba",
    "numba.np.arraymath",
    "duckdb",
    "polars",
    "pyarrow.parquet",
    "wordfreq",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
]

# Pools of workers that the tests begin come from the same server.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(_PRELOADED)


class Begun:
    """The Python program `source` with arguments; it speaks like subprocess.Popen, output and errors as text.

    room_bytes: no file may grow beyond that many bytes. environment: added to the tests' own, or without `inherited`
    all of it. forgotten: packages that it is to import itself, as they look at the environment then.
    is_leader: of a process group, as a terminal makes one of each command.
    """

    def __init__(
        self,
        source: str,
        *arguments: str,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        is_inherited: bool = True,
        room_bytes: int | None = None,
        forgotten: Collection[str] = (),
        is_leader: bool = False,
    ) -> None:
        self._said = [_empty_file(suffix) for suffix in (".stdout", ".stderr")]
        program = _Program(
            source,
            arguments,
            str(folder or Path.cwd()),
            {**(os.environ if is_inherited else {}), **(environment or {})},
            room_bytes,
            frozenset(forgotten),
            is_leader,
        )
        self._process = CONTEXT.Process(target=_run, args=(program, *self._said))
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
        """Exit code (less than 0: the signal) and its errors, when it has ended."""
        code, _, errors = self.ended_with_output(timeout)
        return code, errors

    def ended_with_output(self, timeout: float = 900) -> tuple[int, str, str]:
        """The same with its output between the two."""
        self._process.join(timeout)
        if self.returncode is None:
            self.kill()
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        output, errors = (Path(said).read_text(encoding="utf-8") for said in self._said)
        for said in self._said:
            Path(said).unlink()
        return self.returncode, output, errors


@dataclass(frozen=True)
class _Program:
    source: str
    arguments: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    room_bytes: int | None
    forgotten: frozenset[str]
    is_leader: bool


def _empty_file(suffix: str) -> str:
    descriptor, path = tempfile.mkstemp(suffix=suffix)
    os.close(descriptor)
    return path


def _run(program: _Program, output: str, errors: str) -> None:
    if program.is_leader:
        os.setsid()
    for descriptor, file in ((1, output), (2, errors)):
        os.dup2(os.open(file, os.O_WRONLY), descriptor)
    faulthandler.enable(2)  # a crash of a library says where
    os.environ.clear()
    os.environ.update(program.environment)
    os.chdir(program.folder)
    CONTEXT.set_forkserver_preload([])  # of the program's own pools, whose server imports what it needs, as a user's
    for name in [name for name in sys.modules if name.partition(".")[0] in program.forgotten]:
        del sys.modules[name]
    sys.path[:0] = [_ROOT]
    sys.argv = ["-c", *program.arguments]
    if program.room_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (program.room_bytes, program.room_bytes))
    exec(compile(program.source, "<string>", "exec"), {"__name__": "__main__"})
