"""Pools of worker processes that end with the process which started them."""

from __future__ import annotations

import os
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.util import get_temp_dir
from threading import Thread

_LONGEST_FOLDER = 70


def workers(count: int | None = None) -> ProcessPoolExecutor:
    """So many processes, else one a core, each begun afresh: nothing of CUDA or of other threads comes along."""
    _require_short_sockets()
    return ProcessPoolExecutor(count, mp_context=get_context("forkserver"), initializer=_live_with_parent)


def _require_short_sockets() -> None:
    """Processes meet at a socket in the temporary folder, whose whole name may have 107 bytes: a longer one is left."""
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
