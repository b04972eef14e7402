"""Hartigan's dip of many sets, over all cores: the one statistic of contributions that is not SQL.

Source: definitions.md section 4; the diptest package. Worker processes import this module and nothing else.
"""

from __future__ import annotations

from concurrent.futures import Executor
from math import sqrt

import diptest
import numpy as np
from diptest.consts import Consts
from numpy.typing import NDArray

_CONTRIBUTIONS_PER_TASK = 1 << 19

Array = NDArray[np.float64]


def dips(sets: Array, pool: Executor) -> tuple[Array, Array]:
    """The dip and its p value of each of the sets [S, n]; small p, more than one mode.

    n is at least 4, where the package's table begins, if there is any set.
    """
    parts = np.array_split(sets, max(1, sets.size // _CONTRIBUTIONS_PER_TASK))
    dip = np.concatenate([*pool.map(dips_of, parts)])
    return dip, p_values(dip, sets.shape[1])


def dips_of(sets: Array) -> Array:
    """The dip of each of the sets [S, n]."""
    return np.array([diptest.dipstat(ordered, sort_x=False) for ordered in np.sort(sets, axis=1)])


def p_values(dip: Array, count: int) -> Array:
    """The p value of each dip of `count` contributions, from the package's table as its diptest reads it.

    That takes one dip at a time, and twice as long for it as the dip takes.
    """
    sizes, critical = Consts._SAMPLE_SIZE, Consts._CRIT_VALS
    above = min(int(sizes.searchsorted(count)), len(critical) - 1)
    below = max(0, above - 1) if count < sizes[above] else above
    low, high = (sqrt(sizes[row]) * critical[row] for row in (below, above))
    share = (count - sizes[below]) / (sizes[above] - sizes[below]) if below < above else 0.0
    p_values: NDArray[np.float64] = 1 - np.interp(sqrt(count) * dip, low + share * (high - low), Consts._ALPHA)
    return p_values
