"""Best partners of units in another model, chosen on some pictures and judged on others; and their null.

Axes: U units of one layer, V of the other's, K partners kept. Source: definitions.md section 14; matched units are
those of Rosetta neurons (arXiv 2306.09346), the rotated layer that of Universal neurons (arXiv 2401.12181).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Partners:
    """The K best of each unit, the best first, each [U, K].

    channel: of the other layer, by correlation on the pictures of the choice; -1 where a unit has no more. choice and
    held: the correlations on both halves, held nan where one of the two does not change. rank: of the partner among the
    other layer's units for this unit, back_rank: of this unit among its own layer's for the partner; both on held-out
    pictures, 1 the best.
    """

    channel: Tensor
    choice: Tensor
    held: Tensor
    rank: Tensor
    back_rank: Tensor


def correlations(covariance: Tensor, variance: Tensor, other_variance: Tensor) -> Tensor:
    """[U, V], of covariances [U, V] and variances [U] and [V]; nan where a unit does not change."""
    scale = torch.where(variance > 0, variance, torch.nan).rsqrt()
    other_scale = torch.where(other_variance > 0, other_variance, torch.nan).rsqrt()
    return (covariance * scale[:, None] * other_scale).clamp(-1, 1)


def partners(choice: Tensor, held: Tensor, count: int) -> Partners:
    """The partners of correlations [U, V] on the pictures of the choice and [U, V] on the held-out ones."""
    best, channel = choice.nan_to_num(nan=-torch.inf).topk(min(count, choice.shape[1]), dim=1)
    known = held.gather(1, channel)
    back = held.T.contiguous()  # [V, U]
    return Partners(
        channel=torch.where(best > -torch.inf, channel, -1),
        choice=best,
        held=known,
        rank=torch.stack([_rank(held, one) for one in known.T], 1),
        back_rank=torch.stack([_rank(back[there], one) for there, one in zip(channel.T, known.T, strict=True)], 1),
    )


def best_held(choice: Tensor, held: Tensor) -> Tensor:
    """[U]: the held-out correlation of the partner that the choice finds best; nan for a unit that has none."""
    best, channel = choice.nan_to_num(nan=-torch.inf).max(1)
    return torch.where(best > -torch.inf, held.gather(1, channel[:, None])[:, 0], torch.nan)


def rotation(size: int, *seed: int) -> Tensor:
    """An orthogonal matrix [V, V], drawn evenly among all of them by the seed."""
    drawn = np.random.default_rng(seed).standard_normal((size, size))
    q, r = np.linalg.qr(drawn)
    return torch.from_numpy(q * np.sign(np.diagonal(r)))


def rotated(covariance: Tensor, own_covariance: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
    """Covariances [U, V] and variances [V] after the other layer's channels are mixed by `turn` [V, V].

    Its own covariance [V, V] is all that is needed: mixing channels is linear, and so is the mean over positions, so
    that of every picture the mean of the rotated map is the rotated mean.
    """
    return covariance @ turn, (turn * (own_covariance @ turn)).sum(0)


def _rank(rows: Tensor, values: Tensor) -> Tensor:
    """How many of each row [R, V] are above its value [R], and one: ties share the better rank."""
    return (rows > values[:, None]).sum(1) + 1
