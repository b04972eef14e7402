"""Job `contributions`: statistics of each unit's backward and forward contributions, from a finished weights run.

Source: definitions.md section 4. A shard is a few pairs of layers: their weights are read from the warehouse as
matrices, whose columns are the upper units' backward contributions and whose rows are the lower units' forward ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import warehouse
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.runs.job import Advance, ModelJob
from ingest.weights.distribution import NEAR_ZERO, rank_correlation, statistics
from warehouse.loading import Run

_PAIRS_PER_SHARD = 4_000_000


@dataclass(frozen=True)
class ContributionsSettings:
    """Everything that decides the numbers of a contributions run."""

    weights_settings_sha256: str
    near_zero: float = NEAR_ZERO
    pairs_per_shard: int = _PAIRS_PER_SHARD


class ContributionsJob(ModelJob):
    """Statistics of one weights run."""

    name = "contributions"
    counted = "pairs"
    settings: ContributionsSettings

    def __init__(self, model: ClipModel, arithmetic: Arithmetic, path: Path, weights_run_id: int) -> None:
        super().__init__(model, arithmetic)
        self._path, self._weights_run_id = path, weights_run_id
        sha256, self.part_name = self._read("select settings_sha256, part_name from runs where run_id = $run_id").row(0)
        self.settings = ContributionsSettings(sha256)
        pairs = self._read("from layer_pair_sizes where run_id = $run_id order by upper_layer_id, lower_layer_id")
        parts = pairs.with_columns(part=pl.col("pair_count").cum_sum().over("upper_layer_id") // _PAIRS_PER_SHARD)
        self.shards = parts.partition_by("upper_layer_id", "part", maintain_order=True)

    def size_of(self, shard_index: int) -> int:
        return int(self.shards[shard_index]["pair_count"].sum())

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `contribution_statistics` and `layer_pair_statistics`."""
        shard = self.shards[shard_index]
        first_lower_id = shard["first_lower_id"].min()
        sums, magnitudes = self._matrices(shard)
        contributions, correspondences = [], []
        for pair in shard.iter_rows(named=True):
            start = pair["first_lower_id"] - first_lower_id
            means = sums[start : start + pair["lower_count"]].astype(np.float64) / pair["cell_count"]
            sizes = magnitudes[start : start + pair["lower_count"]].astype(np.float64)
            forward = _rows("forward", pair["first_lower_id"], pair["upper_layer_id"], means, sizes)
            backward = _rows("backward", pair["first_upper_id"], pair["lower_layer_id"], means.T, sizes.T)
            contributions += [forward, backward]
            correspondences.append(
                {
                    "lower_layer_id": pair["lower_layer_id"],
                    "upper_layer_id": pair["upper_layer_id"],
                    "magnitude_mean_rank_correlation": rank_correlation(np.abs(means).ravel(), sizes.ravel()),
                }
            )
            advance(pair["pair_count"])
        return {
            "contribution_statistics": pl.concat(contributions),
            "layer_pair_statistics": pl.DataFrame(correspondences).fill_nan(None),
        }

    def _matrices(self, shard: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """weight_sum and weight_l2 [L, U] float32 of one upper layer, L over all lower layers of the shard."""
        first, last = shard.row(0, named=True), shard.row(-1, named=True)
        last_lower_id = last["first_lower_id"] + last["lower_count"] - 1
        frame = self._read(
            "select lower_unit_id - $first_lower as l, upper_unit_id - $first_upper as u, weight_sum, weight_l2 "
            "from expanded_weights where run_id = $run_id "
            "and lower_unit_id between $first_lower and $last_lower "
            "and upper_unit_id between $first_upper and $last_upper",
            first_lower=first["first_lower_id"],
            last_lower=last_lower_id,
            first_upper=first["first_upper_id"],
            last_upper=first["first_upper_id"] + first["upper_count"] - 1,
        )
        sums = np.zeros((last_lower_id - first["first_lower_id"] + 1, first["upper_count"]), np.float32)
        magnitudes = np.zeros_like(sums)
        place = frame["l"].to_numpy(), frame["u"].to_numpy()
        sums[place], magnitudes[place] = frame["weight_sum"].to_numpy(), frame["weight_l2"].to_numpy()
        return sums, magnitudes

    def _read(self, sql: str, **params: int) -> pl.DataFrame:
        return warehouse.query(
            sql, warehouse=self._path, row_limit=1 << 40, time_limit_s=600, run_id=self._weights_run_id, **params
        )


def _rows(
    direction: str, first_unit_id: int, other_layer_id: int, means: np.ndarray, magnitudes: np.ndarray
) -> pl.DataFrame:
    """Rows of `contribution_statistics` without run_id for sets [S, n] of means and magnitudes."""
    measured = statistics(np.ascontiguousarray(means))
    frame = pl.DataFrame(
        {
            "direction": [direction] * len(means),
            "unit_id": np.arange(first_unit_id, first_unit_id + len(means), dtype=np.int32),
            "other_layer_id": np.full(len(means), other_layer_id, np.int32),
            "contribution_count": np.full(len(means), means.shape[1], np.int32),
            **{name: column.astype(np.float32) for name, column in measured.items()},
            "magnitude_mean": magnitudes.mean(axis=1).astype(np.float32),
            "magnitude_l2_norm": np.sqrt(np.square(magnitudes).sum(axis=1)).astype(np.float32),
        }
    )
    return frame.fill_nan(None)
