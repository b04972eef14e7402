"""A code of final units for every concept, so that a unit answers to one concept and its kin, not to unrelated ones.

512 units are too few for 1,373 concepts. A loss that only tells concepts apart therefore puts unrelated ones into one
unit (the first version: dress, socks, door, salt). Here as many concepts as units are chosen as heads, so that every
other concept has a head near to it by keywords; a concept's code is its nearness to the heads. Each head is given to a
unit that already answers like it when the code is made.

Axes: C concepts, U units (one head each).
"""

from __future__ import annotations

import math
from collections import Counter

import torch
from torch import Tensor
from torch.nn import functional as F

from ingest.bundled.concepts import Concept

COMMON_TERM_CONCEPTS = 30  # a keyword of more concepts than this is too common to make them kin
_NEGLIGIBLE = 0.04  # smaller affinities are left out of the code
_HEAD_LEAD = 0.6  # in a unit, another concept's value is at most this share of the head's own
_READABLE_BONUS = 0.3  # heads that can also be shown as words are preferred


def term_table(wanted: tuple[Concept, ...]) -> Tensor:
    """Telling terms (keywords and words of the name) of each concept, [C, terms]: log(C / concepts with it), or 0."""
    own = [sorted({*concept.keywords, *concept.name.split()}) for concept in wanted]
    counts = Counter(term for terms in own for term in terms)
    telling = [term for term, count in sorted(counts.items()) if count <= COMMON_TERM_CONCEPTS]
    column = {term: place for place, term in enumerate(telling)}
    table = torch.zeros(len(wanted), len(telling))
    for row, terms in enumerate(own):
        for term in terms:
            if term in column:
                table[row, column[term]] = math.log(len(wanted) / counts[term])
    return table


def affinity(wanted: tuple[Concept, ...]) -> Tensor:
    """Cosine of two concepts' telling terms, rare ones counting more, [C, C]; 1 on the diagonal."""
    rows = F.normalize(term_table(wanted), dim=1)
    return (rows @ rows.T).fill_diagonal_(1)


def kinship(wanted: tuple[Concept, ...]) -> Tensor:
    """Whether two concepts share a telling term, [C, C] bool; true on the diagonal."""
    return affinity(wanted) > 0


def choose_heads(near: Tensor, readable: Tensor, count: int) -> Tensor:
    """Concepts [count] that together lie near to all, chosen one by one for the largest gain (facility location)."""
    covered = torch.zeros(len(near))
    chosen: list[int] = []
    bonus = 1 + _READABLE_BONUS * readable.float()
    for _ in range(count):
        gain = (near - covered[:, None]).clamp(min=0).sum(0) * bonus
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        covered = torch.maximum(covered, near[:, chosen[-1]])
    return torch.tensor(chosen)


def head_codes(near: Tensor, heads: Tensor) -> Tensor:
    """Codes [C, U]: affinity to each head; a head's own unit at least twice its other units; rows of length 1 or 0."""
    codes = near[:, heads]
    codes = codes * (codes > _NEGLIGIBLE)
    units = torch.arange(len(heads))
    codes[heads] *= 0.5
    codes[heads, units] = 1
    codes = F.normalize(codes, dim=1)
    highest = _HEAD_LEAD * codes[heads, units].expand(len(near), -1).clone()
    highest[heads, units] = 1
    return F.normalize(torch.minimum(codes, highest), dim=1)


def assigned(codes: Tensor, answers: Tensor) -> Tensor:
    """The codes, their columns given to the units that already answer most like them. answers: [C, U], any scale."""
    from scipy.optimize import linear_sum_assignment

    likeness = F.normalize(codes, dim=0).T @ F.normalize(answers, dim=0)
    heads, units = linear_sum_assignment(likeness.numpy(), maximize=True)
    placed = torch.empty_like(codes)
    placed[:, units] = codes[:, heads]
    return placed


def codebook(wanted: tuple[Concept, ...], answers: Tensor) -> Tensor:
    """Codes [C, U] for concepts. answers: how strongly each unit answers to each concept now, [C, U]."""
    near = affinity(wanted)
    readable = torch.tensor([concept.is_readable for concept in wanted])
    return assigned(head_codes(near, choose_heads(near, readable, answers.shape[1])), answers)
