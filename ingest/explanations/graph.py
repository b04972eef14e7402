"""A picture's graph: nodes and edges of definitions.md section 12, whose parts add up exactly.

Axes: C channels of a cut (a bottleneck's output), H and W its positions, K shown units.

Over a cut, the attributions of all units and the constant add up to the target. Between two cuts, the edges into an
upper unit and its constant add up to its attribution; the edges out of a lower one, to all upper units, to the lower's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ingest.explanations.frozen import FrozenBottleneck
from ingest.explanations.targets import Target


@dataclass(frozen=True)
class GraphSettings:
    """How much of a graph is shown. depth: cuts below the target.

    Of each cut: the units that make `coverage` of the sum of absolute attributions, at most `most_units`.
    """

    depth: int = 4
    coverage: float = 0.8
    most_units: int = 12


@dataclass(frozen=True)
class Cut:
    """One bottleneck's output. shortcut and residual [C] add up to the attributions of its units.

    constant: what no unit of this cut brings to the target. shown [K]: channels, the strongest first; maps [K, H, W]:
    where on the map.
    """

    layer_name: str
    shortcut: Tensor
    residual: Tensor
    constant: float
    shown: Tensor
    maps: Tensor

    @property
    def attributions(self) -> Tensor:
        return self.shortcut + self.residual


@dataclass(frozen=True)
class Edges:
    """Into the shown units [K] of an upper cut from every unit of the one below, [K, C] along shortcut and residual.

    constant [K]: the part of each upper unit that comes from no lower unit.
    """

    upper_layer: str
    lower_layer: str
    shortcut: Tensor
    residual: Tensor
    constant: Tensor

    @property
    def attributions(self) -> Tensor:
        return self.shortcut + self.residual


@dataclass(frozen=True)
class Graph:
    """Cuts from the one next to the target downwards, and the edges between each and the next."""

    target: Target
    cuts: tuple[Cut, ...]
    edges: tuple[Edges, ...]


def graph(frozen: Sequence[FrozenBottleneck], target: Target, settings: GraphSettings) -> Graph:
    """The graph of a target on the picture whose bottlenecks are frozen."""
    cuts: list[Cut] = []
    edges: list[Edges] = []
    derivative, constant = target.derivative, target.constant
    for place in range(target.top, max(-1, target.top - settings.depth), -1):
        here = frozen[place]
        cuts.append(_cut(here, derivative, constant, settings))
        if place == max(0, target.top - settings.depth + 1):
            break
        edges.append(_edges(here, frozen[place - 1].name, derivative, cuts[-1].shown))
        constants = sum(here.branches(here.nothing), torch.zeros(()))[0]
        constant += float((derivative * constants).sum())
        along, through = here.pulled_back(derivative[None])
        derivative = (along + through)[0]
    return Graph(target, tuple(cuts), tuple(edges))


def shown_channels(attributions: Tensor, settings: GraphSettings) -> Tensor:
    """The channels that make `coverage` of the absolute attributions [C], at most `most_units`, the strongest first."""
    sizes, order = attributions.abs().sort(descending=True, stable=True)
    before = sizes.cumsum(0) - sizes
    is_shown = (before < settings.coverage * sizes.sum()) & (sizes > 0)
    return order[is_shown][: settings.most_units]


def strongest_path(found: Graph) -> list[tuple[str, float]]:
    """From the strongest unit of the uppermost cut downwards, along the strongest edge from a shown unit: (unit, part).

    The first attribution is the unit's own, each later one that of the edge into the unit before it.
    """
    cut = found.cuts[0]
    if not len(cut.shown):
        return []
    channel = int(cut.shown[0])
    path = [(f"{cut.layer_name}/{channel}", float(cut.attributions[channel]))]
    for upper, lower, edges in zip(found.cuts[:-1], found.cuts[1:], found.edges, strict=True):
        if not len(lower.shown):
            break
        (place,) = (upper.shown == channel).nonzero()[:, 0]
        row = edges.attributions[place, lower.shown]
        strongest = int(row.abs().argmax())
        channel = int(lower.shown[strongest])
        path.append((f"{edges.lower_layer}/{channel}", float(row[strongest])))
    return path


def _cut(here: FrozenBottleneck, derivative: Tensor, constant: float, settings: GraphSettings) -> Cut:
    shortcut, residual = (derivative * branch[0] for branch in here.branches(here.inflow[None]))
    total = (shortcut + residual).sum((1, 2))
    shown = shown_channels(total, settings)
    return Cut(here.name, shortcut.sum((1, 2)), residual.sum((1, 2)), constant, shown, (shortcut + residual)[shown])


def _edges(here: FrozenBottleneck, lower_layer: str, derivative: Tensor, shown: Tensor) -> Edges:
    """Seeds that hold one shown unit each, pulled back through the bottleneck."""
    seeds = torch.zeros(len(shown), *derivative.shape, dtype=derivative.dtype, device=derivative.device)
    rows = torch.arange(len(shown), device=shown.device)
    seeds[rows, shown] = derivative[shown]
    along, through = ((part * here.inflow).sum((2, 3)) for part in here.pulled_back(seeds))
    constants = sum(here.branches(here.nothing), torch.zeros(()))[0]
    return Edges(here.name, lower_layer, along, through, (derivative * constants).sum((1, 2))[shown])
