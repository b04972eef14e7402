"""Job `coactivations`: what expanded weights are multiplied by to become weights on the distribution.

Source: definitions.md section 10. Nothing is run: a pictures run stored the activations. A shard is a pair of layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from ingest.coactivations.coactivations import Array, coactivations, flowing
from ingest.expansion.pairs import connected
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.runs.earlier import EarlierRun, every_row, newest_run
from ingest.runs.job import Advance, ModelJob
from warehouse.errors import InputError
from warehouse.loading import Run


@dataclass(frozen=True)
class CoactivationsSettings:
    """Everything that decides the numbers of a coactivations run."""

    upper_layers: tuple[str, ...]
    lower_layers: tuple[str, ...]
    pictures_run_sha256: str


class CoactivationsJob(ModelJob):
    """Some pairs of layers of one model, on the pictures whose activations its newest pictures run kept."""

    name = "coactivations"
    counted = "pairs"
    settings: CoactivationsSettings
    shards: Sequence[tuple[Layer, Layer]]

    def __init__(
        self, model: ClipModel, uppers: Sequence[Layer], lowers: Sequence[Layer], arithmetic: Arithmetic, path: Path
    ) -> None:
        """Raises NoPath as WeightsJob, InputError where no pictures run kept a layer's activations."""
        super().__init__(model, arithmetic)
        self._path = path
        pairs = connected(model.trunk, model.layers, uppers, lowers)
        upper_layers = [upper for upper in uppers if upper.layer_name in pairs]
        self.shards = [(upper, lower) for upper in upper_layers for lower in pairs[upper.layer_name]]
        earlier = self._pictures_run({layer.layer_name for pair in self.shards for layer in pair})
        self._run_id = earlier.run_id
        self.settings = CoactivationsSettings(
            upper_layers=tuple(upper.layer_name for upper in upper_layers),
            lower_layers=tuple(layer.layer_name for layer in lowers),
            pictures_run_sha256=earlier.settings_sha256,
        )

    def size_of(self, shard_index: int) -> int:
        upper, lower = self.shards[shard_index]
        return upper.channel_count * lower.channel_count

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `coactivations`, by lower unit and then by upper unit."""
        upper, lower = self.shards[shard_index]
        lower_ids, upper_ids = run.unit_ids[lower.layer_name], run.unit_ids[upper.layer_name]
        measured = coactivations(flowing(self._means(lower_ids), lower.op_index), self._means(upper_ids))
        advance(self.size_of(shard_index))
        rows = {
            "lower_unit_id": np.repeat(np.array(lower_ids, np.int32), len(upper_ids)),
            "upper_unit_id": np.tile(np.array(upper_ids, np.int32), len(lower_ids)),
            "coactivation": measured.ravel().astype(np.float32),
        }
        return {"coactivations": pl.DataFrame(rows).fill_nan(None)}

    def _means(self, unit_ids: range) -> Array:
        """Spatial means [U, N] of units whose ids are contiguous, every unit's pictures in one order."""
        rows = every_row(
            self._path,
            "select activation_mean from activations where run_id = $run_id "
            "and unit_id between $first and $last order by unit_id, stimulus_id",
            run_id=self._run_id,
            first=unit_ids[0],
            last=unit_ids[-1],
        )
        return rows["activation_mean"].to_numpy().astype(np.float64).reshape(len(unit_ids), -1)

    def _pictures_run(self, names: set[str]) -> EarlierRun:
        model = self.model
        command = f"clip-warehouse ingest pictures SOURCE --layers {','.join(sorted(names))} --warehouse {self._path}"
        missing = InputError(f"{self._path} holds no pictures of {model.label} with activations of these: {command}")
        return newest_run(self._path, model, ["pictures"], missing, layers=sorted(names))
