"""Statistics of sets of contributions: how versatile, how bimodal, of which shape (definitions.md section 4).

Axes: S sets (the contributions of one unit), n contributions in each set. A constant or dead set has nan wherever its
spread would be divided by.
"""

from __future__ import annotations

import diptest
import numpy as np
from numpy.typing import NDArray

NEAR_ZERO = 0.1  # of the set's root mean square: a contribution below it counts as near zero
_BIN_COUNT = 41  # odd, so that the middle bin is centred on zero
_REACH = 3.0  # the bins reach that many root mean squares to both sides
_SMALLEST_SET = 4  # of which a sample kurtosis is defined

Array = NDArray[np.float64]


def statistics(values: Array) -> dict[str, Array]:
    """Every statistic below of sets [S, n]; arrays [S] by the names of the columns of contribution_statistics."""
    ordered = np.sort(values, axis=1)
    dip, dip_p_value = dips(ordered)
    return {
        **versatility(values),
        **shape(ordered),
        "dip": dip,
        "dip_p_value": dip_p_value,
        "zero_density_ratio": zero_density_ratio(ordered),
    }


def versatility(values: Array) -> dict[str, Array]:
    """Sizes and signs: mean |x|, means of the positive and the negative x, L2 norm, share near zero, sign balance."""
    absolute = np.abs(values)
    l2 = np.sqrt(np.square(values).sum(axis=1))
    root_mean_square = l2 / np.sqrt(values.shape[1])
    positive, negative = values > 0, values < 0
    near_zero = (absolute < NEAR_ZERO * root_mean_square[:, None]).mean(axis=1)
    return {
        "absolute_mean": absolute.mean(axis=1),
        "positive_mean": _ratio(np.where(positive, values, 0).sum(axis=1), positive.sum(axis=1)),
        "negative_mean": _ratio(np.where(negative, values, 0).sum(axis=1), negative.sum(axis=1)),
        "l2_norm": l2,
        "near_zero_share": np.where(l2 > 0, near_zero, np.nan),
        "sign_balance": _ratio(positive.sum(axis=1) - negative.sum(axis=1), (positive | negative).sum(axis=1)),
    }


def shape(ordered: Array) -> dict[str, Array]:
    """Sample skewness and excess kurtosis, Sarle's coefficient, and the gain of Laplace over normal, of sorted sets.

    Sarle's coefficient is (skewness^2 + 1) / (excess kurtosis + 3 (n-1)^2 / ((n-2)(n-3))): 5/9 for a uniform
    distribution, 1/3 for a normal one. The gain is the mean log-likelihood of a fitted Laplace distribution minus that
    of a fitted normal one, nats per contribution: above 0 the set looks exponential.
    """
    n = ordered.shape[1]
    centred = ordered - ordered.mean(axis=1, keepdims=True)
    variance = np.square(centred).mean(axis=1)
    median = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    scale = np.abs(ordered - median[:, None]).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = 0.5 * (np.log(2 * np.pi * variance) + 1) - (np.log(2 * scale) + 1)
        skewness, kurtosis = _sample_moments(centred, variance, n)
        offset = 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)) if n >= _SMALLEST_SET else np.nan
        sarle = (np.square(skewness) + 1) / (kurtosis + offset)
    named = {"skewness": skewness, "excess_kurtosis": kurtosis, "sarle_coefficient": sarle, "laplace_gain": gain}
    is_spread = _is_spread(ordered)
    return {name: np.where(is_spread, column, np.nan) for name, column in named.items()}


def dips(ordered: Array) -> tuple[Array, Array]:
    """Hartigan's dip and its p value (table of the diptest package) of sorted sets: small p, more than one mode."""
    dip = np.full(len(ordered), np.nan)
    p_value = np.full(len(ordered), np.nan)
    if ordered.shape[1] >= _SMALLEST_SET:
        for row in np.flatnonzero(_is_spread(ordered)):
            dip[row], p_value[row] = diptest.diptest(ordered[row], sort_x=False)
    return dip, p_value


def zero_density_ratio(ordered: Array) -> Array:
    """Density at zero over the highest density beside it, of histograms of 41 bins to +-3 root mean squares.

    Smoothed by 1, 2, 1. At 1 or more there is no notch at zero; 0 means that the middle is empty, nan that nothing
    lies beside it.
    """
    count = len(ordered)
    root_mean_square = np.sqrt(np.square(ordered).mean(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        position = (ordered / root_mean_square[:, None] + _REACH) * (_BIN_COUNT / (2 * _REACH))
    inside = np.nan_to_num(np.clip(position, 0, _BIN_COUNT - 1)).astype(np.int64)
    flat = (inside + np.arange(count)[:, None] * _BIN_COUNT).ravel()
    histogram = np.bincount(flat, minlength=count * _BIN_COUNT).reshape(count, _BIN_COUNT).astype(float)
    histogram[:, 0] = histogram[:, -1] = 0  # the outermost bins hold all that lies further out
    smoothed = histogram[:, 1:-1] * 2 + histogram[:, :-2] + histogram[:, 2:]
    middle = smoothed.shape[1] // 2
    beside = np.delete(smoothed, [middle - 1, middle, middle + 1], axis=1).max(axis=1)
    return np.where(_is_spread(ordered), _ratio(smoothed[:, middle], beside), np.nan)


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation of two flat arrays; nan when one is constant."""
    if first.min() == first.max() or second.min() == second.max():
        return float("nan")
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: Array) -> Array:
    """Equal numbers share their average rank: all pairs of a dead unit are zero."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _sample_moments(centred: Array, variance: Array, n: int) -> tuple[Array, Array]:
    """Sample skewness and sample excess kurtosis (bias-corrected, as DuckDB's skewness and kurtosis)."""
    if n < _SMALLEST_SET:
        empty = np.full(len(centred), np.nan)
        return empty, empty
    squares = np.square(centred)
    third = (squares * centred).mean(axis=1) / variance**1.5
    fourth = np.square(squares).mean(axis=1) / variance**2 - 3
    skewness = third * np.sqrt(n * (n - 1)) / (n - 2)
    return skewness, (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * fourth + 6)


def _is_spread(ordered: Array) -> NDArray[np.bool_]:
    """Whether a set varies by more than rounding."""
    largest = np.maximum(np.abs(ordered[:, 0]), np.abs(ordered[:, -1]))
    return ordered.std(axis=1) > 1e-6 * largest


def _ratio(numerator: NDArray, denominator: NDArray) -> Array:
    """numerator / denominator, nan where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)
