"""Bottlenecks with the gates of one picture frozen: affine maps, forwards and backwards.

Axes: K copies, C channels, H and W positions of a map. Source: definitions.md sections 9 and 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ingest.expansion import gates
from ingest.network.trunk import Bottleneck, Trunk, after_stem


@dataclass(frozen=True)
class FrozenBottleneck:
    """A bottleneck on one picture: which of its ReLUs are open, and its input.

    gates: bool [C, H, W] after index 1, after index 3 and at the output. inflow: the input [C, H, W].
    """

    bottleneck: Bottleneck
    gates: dict[int, Tensor]
    inflow: Tensor

    @property
    def name(self) -> str:
        return self.bottleneck.output_name

    def inside(self, maps: Tensor) -> dict[int, Tensor]:
        """Index 1, 3, 5 and 7 (the shortcut, in every bottleneck) of incoming maps [K, C, H, W], gates as they were."""
        first = self.bottleneck.conv1(maps)
        second = self.bottleneck.conv2(first * self.gates[1])
        residual = self.bottleneck.conv3(self.bottleneck.pool(second * self.gates[3]))
        downsample = self.bottleneck.downsample
        shortcut = maps if downsample is None else downsample(self.bottleneck.pool(maps))
        return {1: first, 3: second, 5: residual, 7: shortcut}

    def branches(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Shortcut and residual of incoming maps, each after the output's gate; they add up to the output."""
        inside, gate = self.inside(maps), self.gates[self.bottleneck.output_op]
        return inside[7] * gate, inside[5] * gate

    def pulled_back(self, derivatives: Tensor) -> tuple[Tensor, Tensor]:
        """Derivatives [K, C, H, W] with respect to the output -> to what comes in, along shortcut and residual."""
        with torch.enable_grad():
            maps = self.inflow.expand(len(derivatives), *self.inflow.shape).clone().requires_grad_()
            shortcut, residual = self.branches(maps)
            (along,) = torch.autograd.grad(shortcut, maps, derivatives)
            (through,) = torch.autograd.grad(residual, maps, derivatives)
        return along, through

    @property
    def nothing(self) -> Tensor:
        """An inflow of zero [1, C, H, W]: the frozen bottleneck turns it into its constants."""
        return torch.zeros_like(self.inflow)[None]


def freeze(trunk: Trunk, image: Tensor) -> tuple[FrozenBottleneck, ...]:
    """Every bottleneck on one picture [3, S, S], in running order."""
    shown = gates.freeze(trunk, image[None], {bottleneck.output_name for bottleneck in trunk.bottlenecks})
    inflow = after_stem(trunk, image[None])[0]
    frozen = []
    for bottleneck in trunk.bottlenecks:
        of_ops = {op: shown.gates[bottleneck.address(op)][0] for op in (1, 3, bottleneck.output_op)}
        own = {op: gate.permute(2, 0, 1) for op, gate in of_ops.items()}
        frozen.append(FrozenBottleneck(bottleneck, own, inflow))
        inflow = shown.flows[bottleneck.output_name][0].permute(2, 0, 1)
    return tuple(frozen)


def output_of(frozen: FrozenBottleneck) -> Tensor:
    """What flows on from the bottleneck on its picture [C, H, W]."""
    shortcut, residual = frozen.branches(frozen.inflow[None])
    return (shortcut + residual)[0]
