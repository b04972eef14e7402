"""Pools of worker processes that end with the process which started them."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread


def workers(count: int | None = None) -> ProcessPoolExecutor:
    """So many processes, else one a core, each begun afresh: nothing of CUDA or of other threads comes along."""
    return ProcessPoolExecutor(count, mp_context=get_context("forkserver"), initializer=_live_with_parent)


def _live_with_parent() -> None:
    """Leave a Ctrl-C, which a terminal sends to every process, to the one that wants this one's work, and end with it.

    Where that one is killed, the pool's own queue would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
