"""Worker processes: they end with the process that started them, and do not run its script again."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.util import get_temp_dir
from threading import Lock, Thread
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from warehouse.errors import MachineFault

# Signals by which an input can end a process. Any other end (killed for memory or by a person, before it began) is not
# the input's fault.
CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
_LONGEST_FOLDER = 70
_STARTING = Lock()
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class ProcessEnded(Exception):
    """A process ended before it answered. exit_code: a negative one is the number of a signal."""

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
    """A process that does not run the parent's script again.

    A script without a `__main__` guard, from standard input or in a notebook would fail there, or start all over.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing's name
        with _STARTING, _no_script():
            _require_short_sockets()
            try:
                return ForkServerProcess._Popen(process_obj)
            except (EOFError, ConnectionError):  # the server that begins processes has just been killed: another begins
                return _begun_again(process_obj)


def _begun_again(process_obj: Any) -> Any:
    try:
        return ForkServerProcess._Popen(process_obj)
    except (EOFError, ConnectionError) as error:
        raise MachineFault("the process that begins workers", "it was killed twice", "free memory") from error


class _Context(ForkServerContext):
    Process = _Process


_CONTEXT = _Context()


def usable_cores() -> int:
    """Cores that this process may use; where the system does not tell, all cores of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def begin_server(*module_names: str) -> None:
    """Start the server that begins processes, if there is none: it imports these modules, once for all of them, while
    this process does something else.
    """
    with _STARTING:
        _require_short_sockets()
        forkserver.set_forkserver_preload(list(module_names))
        forkserver.ensure_running()


def workers(count: int | None = None, begin: Callable[..., None] | None = None, *given: Any) -> ProcessPoolExecutor:
    """A pool of `count` processes, else one a core, each started from scratch: it inherits no CUDA and no threads.

    begin: called with what is given, first thing in each process.
    """
    return ProcessPoolExecutor(count, mp_context=_CONTEXT, initializer=_begin, initargs=(begin, *given))


def apart(function: Callable[_Given, _Answer], *given: _Given.args, **named: _Given.kwargs) -> _Answer:
    """What a function returns or raises, run in a process of its own. Raises ProcessEnded if that ends without."""
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
    """Use /tmp where the temporary folder's name is long: processes meet at a socket in it, and the path of a socket
    has at most 107 bytes."""
    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER:
        kept, tempfile.tempdir = tempfile.tempdir, "/tmp"
        try:
            get_temp_dir()  # made once for each process, and used from then on
        finally:
            tempfile.tempdir = kept


def _begin(begin: Callable[..., None] | None, *given: Any) -> None:
    _live_with_parent()
    if begin is not None:
        begin(*given)


def _live_with_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to every process, and end when the parent does.

    If the parent is killed, the pool's own queue would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
