"""The strength of each unit in each head on a picture, split by the branches of the last bottleneck.

Axes: B pictures, N units of the last map, H heads, P positions, I = P + 1 tokens, E numbers of the embedding, C texts.

z = [z > 0] (shortcut + residual), so a strength splits exactly into the parts from the shortcut, from the last
bottleneck's convolutions, and from the pool's positional embedding. Source: definitions.md section 11; the split into
units and heads is from arXiv 2509.19943, the split into branches is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ingest.network.attention_pool import AttentionPool
from ingest.network.trunk import Trunk, forward


@dataclass(frozen=True)
class Strengths:
    """shortcut, residual and position [B, H, N] add up to the strengths; attention [B, H, I]."""

    pool: AttentionPool
    shortcut: Tensor
    residual: Tensor
    position: Tensor
    attention: Tensor

    @property
    def total(self) -> Tensor:
        return self.shortcut + self.residual + self.position

    @cached_property
    def embeddings(self) -> dict[str, Tensor]:
        """What each part adds to the image embedding, [B, E]: shortcut, residual, position and constant."""
        parts = {name: self.pool.embedding(getattr(self, name)) for name in ("shortcut", "residual", "position")}
        return {**parts, "constant": self.pool.constant.expand_as(parts["shortcut"])}

    @cached_property
    def norms(self) -> Tensor:
        """Length of the image embedding [B]."""
        norms: Tensor = torch.linalg.vector_norm(sum(self.embeddings.values(), torch.zeros(())), dim=1)
        return norms

    def cosines(self, texts: Tensor) -> dict[str, Tensor]:
        """What each part adds to the cosine with normalised texts [C, E]: [B, C] each."""
        return {name: part @ texts.T / self.norms[:, None] for name, part in self.embeddings.items()}

    def contributions(self, texts: Tensor) -> Tensor:
        """What each unit and head adds to the cosine with normalised texts [C, E]: [B, C, H, N]."""
        return self.total[:, None] * self.pool.projections(texts) / self.norms[:, None, None, None]


def strengths(trunk: Trunk, pool: AttentionPool, images: Tensor) -> Strengths:
    """Run images [B, 3, S, S] through the trunk and split the strengths of its last units."""
    shortcut, residual, output = last_branches(trunk, images)
    attention = pool.attention(output)
    weights = pool.cell_weights(attention)

    def summed(branch: Tensor) -> Tensor:
        """The open cells of a branch [B, N, y, x], weighted by each head: [B, H, N]."""
        return torch.einsum("bhp,bnp->bhn", weights, (branch * (output > 0)).flatten(2))

    return Strengths(pool, summed(shortcut), summed(residual), pool.position_strengths(attention), attention)


def last_branches(trunk: Trunk, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Shortcut, residual branch and output [B, N, y, x] of the last bottleneck."""
    last = trunk.bottlenecks[-1]
    shortcut = residual = output = torch.empty(0)
    for name, maps in forward(trunk, images):
        if name == last.address(5):
            shortcut, residual = output, maps.clone()  # the addition overwrites it
        if name == last.address(7):
            shortcut = maps
        if name.endswith(("/6", "/8")):
            output = maps
    return shortcut, residual, output
