"""The evaluation's measures, each a function of arrays, and their chance levels.

Axes: C concepts, U units of one layer, N pictures, E embedding. `pictures` and `words` [C, U]: a unit's mean activation
(mean over positions) on the pictures and on the rendered name of each concept; equal rows are equal concepts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]
PERMUTATIONS = 20
_SILENT = 1e-6  # an activation up to this counts as silence


@dataclass(frozen=True)
class Chance:
    """A measure's mean and 95th percentile when the words' concepts are shuffled."""

    mean: float
    high: float


def hit_share(images: Floats, texts: Floats, owner: NDArray[np.integer], depth: int) -> float:
    """Share of images [N, E] whose own text `owner` [N] is among the `depth` nearest of texts [C, E] by cosine."""
    similarity = _unit_rows(images) @ _unit_rows(texts).T
    own = similarity[np.arange(len(owner)), owner]
    return float(((similarity > own[:, None]).sum(1) < depth).mean())


def dead(pictures: Floats, words: Floats) -> Flags:
    """Units [U] that neither a picture nor a word drives; for layers after a ReLU."""
    is_dead: Flags = (pictures.max(0) <= _SILENT) & (words.max(0) <= _SILENT)
    return is_dead


def multimodal(pictures: Floats, words: Floats, depth: int = 1) -> Flags:
    """Units [U] whose top concept by picture is among the top `depth` by word, or the other way round.

    depth 1 is the strict measure: both tops are the same concept. A unit that is silent on either kind does not count.
    """
    is_shared: Flags = (_rank_of_top(pictures, words) < depth) | (_rank_of_top(words, pictures) < depth)
    is_driven: Flags = (pictures.max(0) > _SILENT) & (words.max(0) > _SILENT)
    return is_shared & is_driven


def correlation(pictures: Floats, words: Floats) -> Floats:
    """Pearson correlation over concepts of each unit's picture and word activations, [U]; nan where one is constant."""
    left, right = pictures - pictures.mean(0), words - words.mean(0)
    norms = np.sqrt((left**2).sum(0) * (right**2).sum(0))
    return _quotients((left * right).sum(0), norms)


def selectivity(activations: Floats) -> Floats:
    """How many standard deviations a unit's top concept lies above its mean, [U]; nan where constant."""
    spread = activations.std(0)
    height = activations.max(0) - activations.mean(0)
    return _quotients(height, spread)


def family_share(activations: Floats, kin: Flags) -> Floats:
    """Which share of a unit's total activation comes from its top concept and that concept's kin, [U]; nan if silent.

    It measures polysemanticity (1: one family only). Activation is counted above the unit's median over concepts.
    kin [C, C]: concepts that share a telling keyword, true on the diagonal.
    """
    return family_shares(activations)(kin)


def family_shares(activations: Floats) -> Callable[[Flags], Floats]:
    """`family_share` of the same activations for one kinship after another: what does not depend on it is done once."""
    above = np.ascontiguousarray(np.clip(activations - np.median(activations, axis=0), 0, None).T)
    top, total = activations.argmax(0), above.sum(1)
    return lambda kin: _quotients((above * kin[top]).sum(1), total)


def shuffled(measure: Callable[[NDArray[Any]], float], rows: NDArray[Any], seed: int = 0) -> Chance:
    """The chance level of a measure of `rows` [C, ...]: the rows permuted among the concepts."""
    rng = np.random.default_rng(seed)
    by_chance = [measure(rows[rng.permutation(len(rows))]) for _ in range(PERMUTATIONS)]
    return Chance(float(np.mean(by_chance)), float(np.quantile(by_chance, 0.95)))


def _rank_of_top(first: Floats, second: Floats) -> NDArray[np.integer]:
    """For each unit, how many concepts lie above `first`'s top concept in `second`, [U]."""
    own = second[first.argmax(0), np.arange(first.shape[1])]
    ranks: NDArray[np.integer] = (second > own).sum(0)
    return ranks


def _unit_rows(rows: Floats) -> Floats:
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _quotients(dividends: Floats, divisors: Floats) -> Floats:
    """nan where the divisor is 0."""
    quotients: Floats = np.divide(dividends, divisors, out=np.full(len(divisors), np.nan), where=divisors > 0)
    return quotients
