"""Worker processes: they end with the process which started them, and know nothing of the script that it runs."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.util import get_temp_dir
from threading import Lock, Thread
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

# How a process ends by what it reads: everything else (killed for memory or by a person, ended before it began) is no
# fault of what it was given.
CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
_LONGEST_FOLDER = 70
_STARTING = Lock()
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class ProcessEnded(Exception):
    """A process ended before it answered; by its exit code, the negative number of a signal."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code

    @property
    def is_crash(self) -> bool:
        return self.exit_code is not None and -self.exit_code in CRASHES

    def __str__(self) -> str:
        if self.exit_code is not None and self.exit_code < 0:
            return f"killed by {signal.Signals(-self.exit_code).name}"
        return f"ended by itself with exit code {self.exit_code}"


class _Process(ForkServerProcess):
    """A process that does not run the parent's script again: one without a `__main__` guard, one from standard input or
    a notebook's would end it, or begin the whole work anew.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing's name
        with _STARTING, _no_script():
            _require_short_sockets()
            return ForkServerProcess._Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process


_CONTEXT = _Context()


def usable_cores() -> int:
    """Cores that this process may use; all of the machine's where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(count: int | None = None) -> ProcessPoolExecutor:
    """So many processes, else one a core, each begun afresh: nothing of CUDA or of other threads comes along."""
    return ProcessPoolExecutor(count, mp_context=_CONTEXT, initializer=_live_with_parent)


def apart(function: Callable[_Given, _Answer], *given: _Given.args, **named: _Given.kwargs) -> _Answer:
    """What a function answers or raises, from a process of its own. Raises ProcessEnded when that ends before."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_answer, args=(sender, function, given, named), daemon=True)
    process.start()
    sender.close()
    try:
        is_good, answer = receiver.recv()
    except EOFError:
        process.join()
        raise ProcessEnded(process.exitcode) from None
    finally:
        receiver.close()
    process.join()
    if not is_good:
        raise answer
    answered: _Answer = answer
    return answered


def _answer(sender: Connection, function: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> None:
    _live_with_parent()
    try:
        answer = True, function(*given, **named)
    except Exception as error:
        answer = False, error
    sender.send(answer)


@contextmanager
def _no_script() -> Iterator[None]:
    own = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = own


def _require_short_sockets() -> None:
    """Processes meet at a socket in the temporary folder, whose whole name may have 107 bytes: a folder with a longer
    name is not used."""
    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER:
        kept, tempfile.tempdir = tempfile.tempdir, "/tmp"
        try:
            get_temp_dir()  # made once for each process, and used from then on
        finally:
            tempfile.tempdir = kept


def _live_with_parent() -> None:
    """Leave a Ctrl-C, which a terminal sends to every process, to the one that wants this one's work, and end with it.

    Where that one is killed, the pool's own queue would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
