"""Pools of worker processes that end with the process which started them."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread


def workers(count: int | None = None) -> ProcessPoolExecutor:
    """So many processes, else one a core, each begun afresh: nothing of CUDA or of other threads comes along."""
    return ProcessPoolExecutor(count, mp_context=get_context("forkserver"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """End this process when the one that wants its work is killed: the pool's own queue would wait for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
