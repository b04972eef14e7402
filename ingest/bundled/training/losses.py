"""What training minimises. Axes: N pictures of a batch, B concepts of a batch, C all concepts, E embedding, U units."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_UNIT_TEMPERATURE = 0.1
_NAME_TEMPERATURE = 0.07
_SMOOTHING = 0.05
_ANGLE_WEIGHT = 2.0


def contrastive(images: Tensor, texts: Tensor, owner: Tensor, related: Tensor, scale: Tensor) -> Tensor:
    """CLIP's loss with several images per caption: images [N, E] of the batch's concepts `owner` [N], texts [B, E].

    Pairs of different concepts that share a keyword (`related` [B, B]) are left out: they need not be pushed apart.
    """
    logits = scale * F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T
    same = owner[:, None] == torch.arange(len(texts), device=texts.device)
    logits = logits.masked_fill(related[owner] & ~same, -torch.inf)
    by_image = F.cross_entropy(logits, owner)
    hits = F.log_softmax(logits, dim=0).masked_fill(~same, 0).sum(0) / same.sum(0)
    return (by_image - hits.mean()) / 2


def unit_codes(means: Tensor, codes: Tensor, concepts: Tensor) -> Tensor:
    """Cross entropy of the final units' normalised spatial means [N, U] against all codes [C, U], plus their angle.

    Means and codes are non-negative, so a unit can only speak for a concept: this makes single units, not directions,
    answer to concepts. Concepts without a code (all 0) are left out.
    """
    coded = codes[concepts].any(1)
    means, concepts = means[coded], concepts[coded]
    cosine = F.normalize(means, dim=1) @ codes.T
    own = cosine.gather(1, concepts[:, None])
    return F.cross_entropy(cosine / _UNIT_TEMPERATURE, concepts) + _ANGLE_WEIGHT * (1 - own).mean()


def picture_against_word(pictures: Tensor, words: Tensor) -> Tensor:
    """InfoNCE in both directions, between the final units' means on pictures and on words of equal concepts [M, U]."""
    logits = F.normalize(pictures, dim=1) @ F.normalize(words, dim=1).T / _UNIT_TEMPERATURE
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def named(images: Tensor, names: Tensor, concepts: Tensor) -> Tensor:
    """Cross entropy of embeddings [N, E] of the `concepts` [N] against the names of all, [C, E].

    It also tells related concepts apart, and compares with every name, not only with the batch's, as retrieval does.
    """
    logits = F.normalize(images, dim=1) @ F.normalize(names, dim=1).T / _NAME_TEMPERATURE
    return F.cross_entropy(logits, concepts, label_smoothing=_SMOOTHING)
