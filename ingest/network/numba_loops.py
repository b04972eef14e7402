"""Loops compiled by numba: on as many threads as torch has; one at a time, as not every threading layer allows two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import numba
import torch


def compiled(function: Callable[..., Any]) -> Any:
    return _kept(numba.njit, function)


def compiled_ufunc(function: Callable[..., Any]) -> Any:
    return _kept(partial(numba.vectorize, nopython=True), function)


def compiled_freely(function: Callable[..., Any]) -> Any:
    """For a loop that several threads of Python run, each on arrays of its own."""
    return _kept(partial(numba.njit, nogil=True), function)


def compiled_loop(function: Callable[..., Any]) -> Any:
    return _kept(partial(numba.njit, parallel=True), function)


def _kept(compiling: Callable[..., Any], function: Callable[..., Any]) -> Any:
    """Compiled once a machine, into NUMBA_CACHE_DIR, else beside the module, else into the user's cache folder.

    Where none of these can be written, it is compiled at the first call in each process, which takes some seconds.
    """
    try:
        return compiling(cache=True)(function)
    except RuntimeError:
        return compiling()(function)


_MOST_THREADS = numba.get_num_threads()
_ONE_AT_A_TIME = Lock()


@contextmanager
def one_loop_at_a_time() -> Iterator[None]:
    """Put it around calls of a `compiled_loop`."""
    with _ONE_AT_A_TIME:
        numba.set_num_threads(min(torch.get_num_threads(), _MOST_THREADS))
        yield
