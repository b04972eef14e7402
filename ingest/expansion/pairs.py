"""Which of the requested layers are connected."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.expansion.supports import path_below
from ingest.network.layers import Layer
from ingest.network.trunk import Trunk
from warehouse.errors import NoPath


def connected(
    trunk: Trunk, layers: Sequence[Layer], uppers: Sequence[Layer], lowers: Sequence[Layer]
) -> dict[str, tuple[Layer, ...]]:
    """The lower layers that reach each upper layer, by its name; upper layers without any are left out.

    Layers that were named must have a path, else NoPath is raised; among all `layers`, those without one are left out.
    """
    supports = {upper.layer_name: path_below(trunk, upper.layer_name).supports for upper in uppers}
    below = {
        upper: tuple(lower for lower in lowers if lower.layer_name in reaching) for upper, reaching in supports.items()
    }
    reaching = {lower.layer_name for some in below.values() for lower in some}
    first, last = uppers[0].layer_name, uppers[-1].layer_name
    if len(lowers) < len(layers):
        for lower in lowers:
            if lower.layer_name not in reaching:
                raise NoPath(lower.layer_name, last, list(supports[last]))
    if len(uppers) < len(layers):
        for upper, some in below.items():
            if not some:
                raise NoPath(lowers[0].layer_name, upper, list(supports[upper]))
    if not reaching:
        raise NoPath(lowers[0].layer_name, first, [])
    return {upper: some for upper, some in below.items() if some}
