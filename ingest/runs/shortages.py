"""Telling a machine's shortage (memory, handles, disk) from a fault of an input: a shortage is never stored as data."""

from __future__ import annotations

import errno
from pathlib import Path

from warehouse.errors import MachineFault

# The machine's fault, wherever they come from.
_LACKING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENOSPC, errno.EDQUOT})
# Of a disk or a network drive that may be back in a minute. For sites they mean something else.
_UNSTEADY = frozenset(
    {
        errno.EAGAIN,
        errno.EIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.ENOTCONN,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
    }
)
_NO_THREAD = "can't start new thread"


def shortage(error: BaseException, *, of_a_file: bool = False) -> str:
    """What the machine lacked, if that caused the error, however libraries have wrapped it; else ''."""
    codes = _LACKING | _UNSTEADY if of_a_file else _LACKING
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, MemoryError):
            return "not enough memory"
        if isinstance(cause, OSError) and cause.errno in codes:
            return (cause.strerror or str(cause)).lower()
        if isinstance(cause, RuntimeError) and _NO_THREAD in str(cause):
            return _NO_THREAD
        cause = cause.__cause__ or cause.__context__
    return ""


def require_no_shortage(error: Exception, path: Path | str) -> None:
    """Raises MachineFault if an error while reading a file is the machine's fault, not the file's."""
    if lacking := shortage(error, of_a_file=True):
        raise MachineFault(f"cannot read {path}", lacking, "mend that") from error
