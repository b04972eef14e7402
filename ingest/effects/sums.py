"""Sums of effects that add up over pictures, for a connection and for a lower unit.

Axes: U upper channels, N pictures, K lower channels. Everything in float64, to compute correlations from sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Effects = NDArray[np.float64]
KINDS = ("linear", "gated", "real")
PREDICTIONS = ("linear", "gated")


def connection_sums(effects: dict[str, Effects]) -> dict[str, Effects]:
    """Over pictures, of each connection [K, U], from effects [U, N, K] of the three kinds."""
    sums = {f"{kind}_effect_sum": effects[kind].sum(1).T for kind in KINDS}
    return sums | {f"{kind}_effect_absolute_sum": np.abs(effects[kind]).sum(1).T for kind in ("gated", "real")}


def truth_sums(effects: dict[str, Effects]) -> dict[str, NDArray[Any]]:
    """Over pictures and upper units, of each lower unit [K].

    A sign is compared where the real effect is not zero; a prediction of zero is then wrong.
    """
    real = effects["real"]
    count = real.shape[0] * real.shape[1]
    sums: dict[str, NDArray[Any]] = {"triple_count": np.full(real.shape[2], count, np.int64)}
    for kind in KINDS:
        values = effects[kind]
        sums[f"{kind}_sum"] = values.sum((0, 1))
        sums[f"{kind}_square_sum"] = np.einsum("unk,unk->k", values, values)
        sums[f"{kind}_absolute_sum"] = np.abs(values).sum((0, 1))
    sums["real_nonzero_count"] = (real != 0).sum((0, 1))
    for kind in PREDICTIONS:
        sums[f"{kind}_real_product_sum"] = np.einsum("unk,unk->k", effects[kind], real)
        sums[f"{kind}_sign_count"] = ((real != 0) & (np.sign(effects[kind]) == np.sign(real))).sum((0, 1))
    return sums
