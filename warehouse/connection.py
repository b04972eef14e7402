"""Opening the DuckDB file: many readers, one short-lived writer at a time, across processes.

DuckDB lets one process write and then shuts every other out, readers too; it does not queue them. So a turnstile, a
small lock file beside the warehouse, makes them take turns: a reader only passes through it, a writer holds it while
it waits for the readers inside to leave and while it writes. Programs that do not use the turnstile (a DuckDB shell)
are waited for too, and named when they stay too long.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from warehouse.errors import (
    MachineFault,
    NotAllowed,
    NotAWarehouse,
    StorageFull,
    UsageError,
    WarehouseBusy,
    WarehouseError,
    WarehouseMissing,
)

DEFAULT_FILE = "warehouse.duckdb"
ENVIRONMENT_VARIABLE = "CLIP_WAREHOUSE"
READER_PATIENCE_S = 60.0
WRITER_PATIENCE_S = 60.0
_TURN_S = 2.0  # how long a waiting writer keeps new readers out before it lets them through again
_POLL_S = 0.005

_Config = dict[str, str | bool | int | float | list[str]]

# One process may open a file with one configuration only: every query has the locked-down one.
_READ_ONLY: _Config = {"access_mode": "READ_ONLY"}
_LOCKED_DOWN: _Config = {
    **_READ_ONLY,
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}
_WRITER: _Config = {"memory_limit": "1GB"}


def warehouse_path(path: str | os.PathLike[str] | None = None) -> Path:
    """The warehouse at a path, else at the environment variable CLIP_WAREHOUSE, else warehouse.duckdb.

    `~` is the home folder. Raises UsageError for a path that DuckDB would read as something else.
    """
    meant = Path(path or os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_FILE)
    if str(meant).startswith("~"):
        meant = meant.expanduser()
    if "?" in str(meant.absolute()):
        raise UsageError(
            f"{meant.absolute()}: DuckDB cannot write a log beside a path with a question mark; name another"
        )
    return meant


def open_reader(
    path: Path, patience_s: float = READER_PATIENCE_S, *, locked_down: bool = True
) -> duckdb.DuckDBPyConnection:
    """A read-only connection; waits while a writer has the file.

    Locked down, it reaches no other file, no extension and no setting. Raises WarehouseMissing, NotAWarehouse, or
    WarehouseBusy after `patience_s` seconds.
    """
    _require_file(path)
    started = time.monotonic()
    while True:
        with _turnstile(path, started, patience_s, exclusive=False):
            pass
        try:
            return duckdb.connect(str(path.absolute()), config=_LOCKED_DOWN if locked_down else _READ_ONLY)
        except duckdb.Error as error:
            holder = _holder(path, error, otherwise=NotAWarehouse)
            _keep_waiting(path, holder, started, patience_s)


@contextmanager
def open_writer(path: Path, patience_s: float = WRITER_PATIENCE_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writing connection to an existing file, closed (and checkpointed) on leaving.

    Readers wait until it is closed, so keep it to one short transaction. Raises WarehouseBusy after `patience_s`
    seconds, NotAWarehouse, StorageFull, MachineFault (no memory).
    """
    with _one_writer(path, patience_s) as connection:
        try:
            yield connection
        except duckdb.OutOfMemoryException as error:
            raise MachineFault(f"cannot write {path}", _first_line(error)) from error
        # a commit that finds no room for its log is a TransactionException: nobody else writes, so it is not a conflict
        except (duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, OSError) as error:
            raise StorageFull(path, _first_line(error)) from error


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing: committed at the end, rolled back on any error."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # a connection that broke has nothing to roll back: its own error is raised
            connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def writers_turn(path: Path, patience_s: float = WRITER_PATIENCE_S) -> Iterator[None]:
    """Keep every other reader and writer of ours out, without opening the file."""
    with _turnstile(path, time.monotonic(), patience_s, exclusive=True):
        yield


@contextmanager
def _one_writer(path: Path, patience_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
    started = time.monotonic()
    while True:
        with _turnstile(path, started, patience_s, exclusive=True):
            connection, holder = _try_for(path, min(_TURN_S, patience_s))
            if connection is not None:
                try:
                    yield connection
                finally:
                    connection.close()
                return
        _keep_waiting(path, holder, started, patience_s)


def _try_for(path: Path, turn_s: float) -> tuple[duckdb.DuckDBPyConnection | None, str]:
    """Try to connect for writing for one turn; the connection, or None and who holds the file."""
    started = time.monotonic()
    while True:
        try:
            return duckdb.connect(str(path.absolute()), config=_WRITER), ""
        except duckdb.Error as error:
            holder = _holder(path, error, otherwise=StorageFull)
            if time.monotonic() - started > turn_s:
                return None, holder
            time.sleep(_POLL_S)


@contextmanager
def _turnstile(path: Path, started: float, patience_s: float, *, exclusive: bool) -> Iterator[None]:
    lock_file = path.with_name(f"{path.name}.lock")
    try:
        descriptor = _lock_of_writers(path, lock_file) if exclusive else os.open(lock_file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if exclusive:
            raise StorageFull(lock_file, error.strerror or str(error)) from error
        yield  # no writer has been here, or the folder is closed to us: there is nothing to wait for
        return
    try:
        while not _locked(descriptor, exclusive):
            _keep_waiting(path, "a process that is loading", started, patience_s)
        yield
    finally:
        os.close(descriptor)


def _lock_of_writers(path: Path, lock_file: Path) -> int:
    """The lock file, made by the first writer; whoever may write the warehouse may lock it, whatever the umask was."""
    try:
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError as error:  # another user's, not writable for us: it can still be locked
        try:
            return os.open(lock_file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise error from None  # there is no lock file: the folder itself is not writable
    with suppress(OSError):  # not ours: its mode is its owner's choice
        os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode) | 0o444 if path.exists() else 0o666)
    return descriptor


def _locked(descriptor: int, exclusive: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep_waiting(path: Path, holder: str, started: float, patience_s: float) -> None:
    waited_s = time.monotonic() - started
    if waited_s > patience_s:
        raise WarehouseBusy(path, holder, waited_s)
    time.sleep(_POLL_S)


def _holder(path: Path, error: duckdb.Error, *, otherwise: Callable[[Path, str], WarehouseError]) -> str:
    """Who holds the file, from DuckDB's message. Any other failure is raised: a known one by name, else `otherwise`."""
    message = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        raise MachineFault(f"cannot open {path}", _first_line(error)) from error
    match = re.search(r"Conflicting lock is held in (.+?) \(PID (\d+)\)", message)
    if match:
        return f"{Path(match[1]).name} (process {match[2]})"
    if "Could not set lock" in message or "different configuration" in message:
        return "another connection"
    if isinstance(error, duckdb.IOException) and "not a valid DuckDB database" in message:
        raise NotAWarehouse(path, "not a DuckDB database") from error
    if "Could not read enough bytes" in message:
        raise NotAWarehouse(path, "cut short: a part of the file is missing") from error
    if "storage version" in message or "newer version of DuckDB" in message:
        raise NotAWarehouse(path, "written by another version of DuckDB") from error
    if "Permission denied" in message and otherwise is NotAWarehouse:
        raise NotAllowed(path, "Permission denied") from error
    if isinstance(error, duckdb.IOException):
        raise otherwise(path, _first_line(error)) from error
    raise NotAWarehouse(path, _first_line(error)) from error


def _require_file(path: Path) -> None:
    if not path.exists():
        raise WarehouseMissing(path)
    if path.is_dir():
        raise NotAWarehouse(path, "a folder")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
