"""Loops that numba compiles: on as many threads as torch has, one at a time, as not every threading layer bears two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numba
import torch

# Compiled once a machine, where there is a place to keep it: else at the first call in each process, some seconds.
_KEEPS = os.access(Path(__file__).parent, os.W_OK)
compiled = numba.njit(cache=_KEEPS)
compiled_ufunc = numba.vectorize(nopython=True, cache=_KEEPS)
compiled_loop = numba.njit(parallel=True, cache=_KEEPS)
_MOST_THREADS = numba.get_num_threads()
_ONE_AT_A_TIME = Lock()


@contextmanager
def one_loop_at_a_time() -> Iterator[None]:
    """Around calls of what is a `compiled_loop`."""
    with _ONE_AT_A_TIME:
        numba.set_num_threads(min(torch.get_num_threads(), _MOST_THREADS))
        yield
