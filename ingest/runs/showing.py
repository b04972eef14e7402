"""Showing batches of pictures to a model: how many at a time, and the rows that are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from ingest.network.capture import Activations, Reductions, normalised, reductions
from ingest.network.device import Arithmetic, gathered
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk
from warehouse.loading import Run

_PIXELS_PER_BATCH = {"cpu": 32 * 224 * 224, "cuda": 256 * 224 * 224}
Pictures = NDArray[np.uint8] | Sequence[NDArray[np.uint8]]  # together, or each by itself


def batch_size(model: ClipModel, arithmetic: Arithmetic) -> int:
    """Pictures a forward pass: enough to keep the device busy, few enough for its memory, at most 512."""
    pixels = _PIXELS_PER_BATCH["cuda" if arithmetic.is_gpu else "cpu"]
    return max(1, min(512, pixels // model.image_size_px**2))


def show(model: ClipModel, trunk: Trunk, pixels: Pictures, layer_names: Sequence[str]) -> Activations:
    """Activations of the named layers on pictures [N, H, W] or [N, H, W, 3] of the model's own size."""
    return shown(model, trunk, pixels, layer_names).read_back().wait()


def shown(model: ClipModel, trunk: Trunk, pixels: Pictures, layer_names: Sequence[str]) -> Reductions:
    """The same on the trunk's device, which may still be computing."""
    there = gathered(pixels, trunk.device)
    return reductions(trunk, normalised(there, model.image_mean, model.image_std), frozenset(layer_names))


def unit_ids_of(run: Run, layer_names: Sequence[str]) -> NDArray[np.int32]:
    """Ids of the units of these layers, one layer after the other."""
    return np.concatenate([np.array(run.unit_ids[name], np.int32) for name in layer_names])


def activation_rows(
    captured: Sequence[Activations], stimulus_ids: NDArray[np.int32], unit_ids: NDArray[np.int32]
) -> pl.DataFrame:
    """Rows of `activations` without run_id, unit after unit, to keep a unit's rows together."""

    def by_unit(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.ascontiguousarray(np.concatenate(parts).T).ravel()

    return pl.DataFrame(
        {
            "stimulus_id": np.tile(stimulus_ids, len(unit_ids)),
            "unit_id": np.repeat(unit_ids, len(stimulus_ids)),
            "activation_mean": by_unit([part.mean for part in captured]),
            "activation_max": by_unit([part.max for part in captured]),
        }
    )


def float_lists(rows: torch.Tensor) -> pl.Series:
    """Rows [R, K] as lists of float32."""
    array = np.ascontiguousarray(rows.float().cpu().numpy())
    return pl.Series(array, dtype=pl.Array(pl.Float32, array.shape[1])).cast(pl.List(pl.Float32))
