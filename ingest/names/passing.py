"""One pass of pictures through a model: every unit's spatial mean, and the picture's embedding.

Axes: N pictures, C channels of a layer, E numbers of an embedding.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ingest.network.attention_pool import AttentionPool
from ingest.network.trunk import Trunk, forward


def means_and_embeddings(
    trunk: Trunk, pool: AttentionPool, images: Tensor, layer_names: Collection[str]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float64]]:
    """Spatial means [N, C] of the named layers on images [N, 3, H, W], and image embeddings [N, E] of length 1."""
    means: dict[str, Tensor] = {}
    maps = torch.empty(0)
    for name, maps in forward(trunk, images):
        if name in layer_names:
            means[name] = maps.mean((2, 3), dtype=torch.float32)
    embeddings = pool.embeddings(maps).double().cpu().numpy()
    return {name: values.cpu().numpy() for name, values in means.items()}, embeddings
