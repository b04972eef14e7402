"""Targets of a graph: a picture's cosine with a text, or a unit's read-out, as affine functions of a block's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ingest.explanations.frozen import FrozenBottleneck, output_of
from ingest.network.attention_pool import AttentionPool
from ingest.network.layers import parse_address
from ingest.network.trunk import Trunk
from warehouse.errors import NoPath


@dataclass(frozen=True)
class Target:
    """T = sum of derivative [C, H, W] times what flows on from bottleneck `top` (its place), plus constant."""

    name: str
    top: int
    derivative: Tensor
    constant: float
    value: float


def text_target(pool: AttentionPool, frozen: Sequence[FrozenBottleneck], name: str, text: Tensor) -> Target:
    """The cosine with a normalised text [E], attention and length of the embedding frozen.

    text may be the difference of two: why one and not the other.
    """
    maps = output_of(frozen[-1])
    attention = pool.attention(maps[None])
    projections = pool.projections(text[None])[0]  # [H, N]
    cells = pool.cell_weights(attention)[0]  # [H, P]
    position = (pool.position_strengths(attention)[0] * projections).sum()
    norm = torch.linalg.vector_norm(_embedding(pool, maps, attention))
    derivative = (projections.T @ cells / norm).view_as(maps)
    constant = (position + pool.constant @ text) / norm
    return Target(name, len(frozen) - 1, derivative, float(constant), float((derivative * maps).sum() + constant))


def picture_embedding(pool: AttentionPool, frozen: Sequence[FrozenBottleneck]) -> Tensor:
    """The embedding [E] of the picture whose bottlenecks are frozen, not normalised."""
    maps = output_of(frozen[-1])
    return _embedding(pool, maps, pool.attention(maps[None]))


def unit_target(trunk: Trunk, frozen: Sequence[FrozenBottleneck], unit_name: str) -> Target:
    """A unit's read-out: its value at the centre before its own ReLU. Raises NoPath for one that no block feeds."""
    block, bottleneck, op_index, channel = parse_address(unit_name)
    (place,) = [
        place
        for place, part in enumerate(frozen)
        if (part.bottleneck.block_index, part.bottleneck.bottleneck_index) == (block, bottleneck)
    ]
    if place == 0:
        raise NoPath("a block's output", unit_name, [])
    own = frozen[place]

    def read_out(maps: Tensor) -> Tensor:
        inside = own.inside(maps)
        layer = (inside[5] + inside[7] if op_index in (6, 8) else inside[op_index])[0, channel]
        return layer[(layer.shape[0] - 1) // 2, (layer.shape[1] - 1) // 2]

    with torch.enable_grad():
        maps = own.inflow[None].clone().requires_grad_()
        value = read_out(maps)
        (derivative,) = torch.autograd.grad(value, maps)
    return Target(unit_name, place - 1, derivative[0], float(read_out(own.nothing)), float(value))


def _embedding(pool: AttentionPool, maps: Tensor, attention: Tensor) -> Tensor:
    """The picture's embedding [E]."""
    strengths = pool.cell_weights(attention) @ maps.flatten(1).T + pool.position_strengths(attention)
    return (pool.embedding(strengths) + pool.constant)[0]
