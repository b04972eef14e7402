"""Names for units by soft-WPMI, and how far to trust them, a block of concepts at a time.

Axes: N pictures, E numbers of an embedding, C concepts, U units of one layer, K strongest pictures of a unit, R names
that are kept of a unit. Source: definitions.md section 13; CLIP-Dissect (arXiv 2204.10965).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ingest.network.numba_loops import compiled_loop, one_loop_at_a_time

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

STRONGEST = 100
_SHARPNESS = 10.0
_FIRST_TRUST, _TRUST_FALL = 0.998, 0.028
_FLOOR = 1e-7
_AT_ONCE = 512  # concepts, or units: what lies in the cache while a unit's pictures are gone through


@dataclass(frozen=True)
class Fits:
    """How well each concept fits each picture, P [N, C]: a softmax over concepts, never held as a whole.

    pictures [N, E] and texts [C, E] of length 1; totals [N]: what the softmax divides by.
    """

    pictures: Floats
    texts: Floats
    totals: Floats

    def part(self, concepts: slice | Indices) -> Floats:
        """P of some concepts, one after the other [N, c]."""
        return _raised(self.pictures, self.texts[concepts]) / self.totals[:, None]


@dataclass(frozen=True)
class Names:
    """The best concepts of each unit, indices and scores [U, R], the best first."""

    concepts: Indices
    scores: Floats


def fits(pictures: Floats, texts: Floats) -> Fits:
    """P of pictures [N, E] and texts [C, E]."""
    totals = np.zeros(len(pictures))
    for block in _blocks(len(texts)):
        totals += _raised(pictures, texts[block]).sum(1)
    return Fits(pictures, texts, totals)


def strongest(activations: NDArray[np.float32], count: int = STRONGEST) -> Indices:
    """The pictures with the largest activations [N, U] of each unit, [K, U]; equal ones in the pictures' order."""
    return np.argsort(-activations, axis=0, kind="stable")[:count]


def names(found: Fits, strongest_pictures: Indices, count: int) -> Names:
    """The `count` concepts of highest soft-WPMI of each unit, whose prior runs over these units and all concepts.

    strongest_pictures [K, U]. Equal scores go by the concepts' order.
    """
    unit_count = strongest_pictures.shape[1]
    concepts, scores = np.empty((unit_count, 0), np.int64), np.empty((unit_count, 0))
    for block in _blocks(len(found.texts)):
        evidence = log_likelihoods(found.part(block), strongest_pictures)
        prior = _log_sum(evidence) - np.log(unit_count)
        first, best = _first(evidence - prior, count)
        concepts, scores = np.hstack([concepts, first + block.start]), np.hstack([scores, best])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        concepts, scores = np.take_along_axis(concepts, order, 1), np.take_along_axis(scores, order, 1)
    return Names(concepts, scores)


def log_likelihoods(part: Floats, strongest_pictures: Indices) -> Floats:
    """L[u, c] = sum over k of log(1 + p_k (P[i_k, c] - 1) + 1e-7), [U, c].

    The factors are multiplied, and one logarithm taken: a hundred of them, none below 0.002, are far from underflow.
    """
    trust = _FIRST_TRUST - _TRUST_FALL * np.arange(len(strongest_pictures)) / STRONGEST
    products = np.ones((strongest_pictures.shape[1], part.shape[1]))
    with one_loop_at_a_time():
        _multiply(np.ascontiguousarray(part), np.ascontiguousarray(strongest_pictures.T), trust, products)
    return np.log(products)


def trusts(found: Fits, concepts: Indices, activations: NDArray[np.float32]) -> Floats:
    """Correlation over the pictures of each unit's activation [N, U] with P of its concept [U] -> [U]; nan where either
    does not vary."""
    correlations = np.full(len(concepts), np.nan)
    for block in _blocks(len(concepts)):
        correlations[block] = _correlation(found.part(concepts[block]), activations[:, block].astype(np.float64))
    return correlations


def other_concepts(concepts: Indices, concept_count: int, seed: list[int]) -> Indices:
    """For each unit a random concept that is not its own, [U]."""
    steps = np.random.default_rng(seed).integers(1, concept_count, len(concepts))
    return (concepts + steps) % concept_count


def mean_lengths(embeddings: Floats, pictures: Indices) -> Floats:
    """Length of the mean embedding of some pictures [k, U] of each unit, [U]: of unit vectors, 1 where all are one."""
    return np.array([np.linalg.norm(embeddings[some].mean(0)) for some in pictures.T])


def _blocks(count: int) -> list[slice]:
    return [slice(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]


def _raised(pictures: Floats, texts: Floats) -> Floats:
    """exp(10 cos), [N, c]: at most e^10, so that nothing has to be taken away before."""
    return np.asarray(np.exp(_SHARPNESS * (pictures @ texts.T)))


def _log_sum(evidence: Floats) -> Floats:
    """log of the sum over units of exp(L) [c]."""
    most = evidence.max(0)
    return np.asarray(most + np.log(np.exp(evidence - most).sum(0)))


def _first(scores: Floats, count: int) -> tuple[Indices, Floats]:
    """Places and values of the largest scores [U, c] of each row, [U, R]."""
    left, rows = scores.copy(), np.arange(len(scores))
    places: list[Indices] = []
    for _ in range(min(count, scores.shape[1])):
        places.append(left.argmax(1))
        left[rows, places[-1]] = -np.inf
    first = np.stack(places, 1)
    return first, np.take_along_axis(scores, first, 1)


def _correlation(ours: Floats, theirs: Floats) -> Floats:
    """Pearson's, column by column of [N, c]."""
    one, other = ours - ours.mean(0), theirs - theirs.mean(0)
    size = np.sqrt((one**2).sum(0) * (other**2).sum(0))
    varies = (np.ptp(ours, axis=0) > 0) & (np.ptp(theirs, axis=0) > 0)
    return np.asarray(np.where(varies, (one * other).sum(0) / np.where(varies, size, 1), np.nan))


@compiled_loop
def _multiply(part, pictures, trust, products):  # type: ignore[no-untyped-def]
    """Products [U, c] over pictures [U, K] of 1 + trust (P - 1) + 1e-7, P [N, c]."""
    for u in prange(len(pictures)):
        row = products[u]
        for k in range(pictures.shape[1]):
            fit, weight = part[pictures[u, k]], trust[k]
            rest = 1 - weight + _FLOOR
            for c in range(len(row)):
                row[c] *= rest + weight * fit[c]
