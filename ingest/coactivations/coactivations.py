"""How strongly lower units are on, averaged over pictures by how strongly an upper unit is (definitions.md section 10).

Axes: N pictures, L lower units, U upper units.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def coactivations(lower: Array, upper: Array) -> Array:
    """mean(a_l a_u) / mean(a_u) over pictures of spatial means [L, N] and [U, N] -> [L, U]; nan where u is never on.

    Upper units after a ReLU: a spatial mean below zero counts as 0.
    """
    on = np.maximum(upper, 0)
    totals = on.sum(1)
    weights = on / np.where(totals > 0, totals, np.nan)[:, None]
    return np.asarray(lower @ weights.T)


def flowing(means: Array, op_index: int) -> Array:
    """What flows on from units, from their spatial means: after the ReLU for index 1 and 3, as stored for the others.

    The ReLU of a mean, not the mean of a ReLU, which is not stored.
    """
    return np.maximum(means, 0) if op_index in (1, 3) else means
