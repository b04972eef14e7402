"""Job `weights`: expanded weights from lower layers to upper layers, for every pair of units.

Source: definitions.md section 3. A shard is one block of an upper layer's channels, with every lower layer that
reaches it: one sweep backwards measures them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from ingest.expansion.expanded_weights import BLOCK_CHANNELS, Measured, PairBlock, Sweep
from ingest.expansion.pairs import connected
from ingest.expansion.supports import path_below
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.runs.job import Advance, MeasuredJob, Rows, cut
from warehouse.errors import UsageError
from warehouse.loading import Run

_KERNEL_BYTES = 256 << 20
_SHARDS_AT_ONCE = 4  # on a GPU


@dataclass(frozen=True)
class WeightsSettings:
    """Everything that decides the numbers of a weights run."""

    upper_layers: tuple[str, ...]
    lower_layers: tuple[str, ...]
    kernel_count: int
    precision: str
    block_channels: int


class WeightsJob(MeasuredJob):
    """Pairs of layers of one model."""

    name = "weights"
    counted = "pairs"
    settings: WeightsSettings

    def __init__(
        self,
        model: ClipModel,
        uppers: Sequence[Layer],
        lowers: Sequence[Layer],
        arithmetic: Arithmetic,
        *,
        kernel_count: int = 0,
    ) -> None:
        """Raises NoPath when an upper layer is reached by none of `lowers`, or a lower one reaches none of `uppers`.

        Raises UsageError for a negative kernel_count.
        """
        if kernel_count < 0:
            raise UsageError(f"--kernels {kernel_count}: take how many of each unit's strongest to keep, or 0")
        super().__init__(model, arithmetic)
        self._supports = {upper.layer_name: path_below(model.trunk, upper.layer_name).supports for upper in uppers}
        self._lowers = connected(model.trunk, model.layers, uppers, lowers)
        self.settings = WeightsSettings(
            upper_layers=tuple(self._lowers),
            lower_layers=tuple(layer.layer_name for layer in lowers),
            kernel_count=kernel_count,
            precision=arithmetic.precision,
            block_channels=self._block_channels(kernel_count),
        )
        self._channel_counts = {layer.layer_name: layer.channel_count for layer in uppers}
        size = self.settings.block_channels
        self.shards = [
            (name, channels)
            for name in self.settings.upper_layers
            for channels in cut(self._channel_counts[name], size)
        ]

    def size_of(self, shard_index: int) -> int:
        upper, channels = self.shards[shard_index]
        return len(channels) * sum(lower.channel_count for lower in self._lowers[upper])

    def measured(self, shard_index: int, run: Run, advance: Advance) -> Rows:
        """The shard's rows of `expanded_weights` and `expanded_weight_kernels`; with a first block, `layer_pairs`."""
        upper, channels = self.shards[shard_index]
        measured = self._begun(upper, self._together(upper, channels))
        advance(self.size_of(shard_index))
        return lambda: self._tables([block.part(channels) for block in measured()], run)

    def _together(self, upper: str, channels: range) -> range:
        """The upper channels that are measured together: several shards' on a GPU, which small blocks leave idle."""
        size = self.settings.block_channels * self._shards_at_once
        first = channels.start // size * size
        return range(first, min(first + size, self._channel_counts[upper]))

    @property
    def _shards_at_once(self) -> int:
        return _SHARDS_AT_ONCE if self.arithmetic.is_gpu and not self.settings.kernel_count else 1

    @lru_cache(maxsize=1)  # noqa: B019 - the job lives as long as the process
    def _begun(self, upper: str, channels: range) -> Measured:
        return self._sweep(upper).begin(channels)

    def _tables(self, blocks: Sequence[PairBlock], run: Run) -> dict[str, pl.DataFrame]:
        tables = {"expanded_weights": pl.concat([weight_rows(block, run) for block in blocks])}
        if blocks[0].channels.start == 0:
            tables["layer_pairs"] = layer_pair_rows(blocks, run)
        if self.settings.kernel_count:
            tables["expanded_weight_kernels"] = pl.concat([kernel_rows(block, run) for block in blocks])
        return tables

    @lru_cache(maxsize=1)  # noqa: B019 - the job lives as long as the process
    def _sweep(self, upper: str) -> Sweep:
        lowers = [lower.layer_name for lower in self._lowers[upper]]
        settings = self.settings
        return Sweep(self.trunk, upper, lowers, kernel_count=settings.kernel_count, tf32=settings.precision == "tf32")

    def _block_channels(self, kernel_count: int) -> int:
        """Upper channels of a shard: fewer where their kernels, all kept until the shard is written, would be large."""
        cells = [
            sum(self._supports[upper][lower.layer_name].cell_count for lower in below)
            for upper, below in self._lowers.items()
        ]
        kernel_bytes = max(cells) * kernel_count * 4
        return max(1, min(BLOCK_CHANNELS, _KERNEL_BYTES // max(kernel_bytes, 1)))


def weight_rows(block: PairBlock, run: Run) -> pl.DataFrame:
    """Rows of `expanded_weights` without run_id, by lower unit and then by upper unit."""
    return pl.DataFrame(
        {
            **pair_ids(block, run),
            "weight_sum": by_lower(block.weight_sum),
            "weight_l1": by_lower(block.weight_l1),
            "weight_l2": by_lower(block.weight_l2),
        }
    )


def layer_pair_rows(blocks: Sequence[PairBlock], run: Run) -> pl.DataFrame:
    """Rows of `layer_pairs` without run_id."""
    return pl.DataFrame(
        [
            {
                "lower_layer_id": run.layer_ids[block.lower.layer_name],
                "upper_layer_id": run.layer_ids[block.upper.layer_name],
                "support_top": block.support.top,
                "support_left": block.support.left,
                "support_height": block.support.height,
                "support_width": block.support.width,
                "cell_count": block.support.cell_count,
                "is_truncated": block.support.is_truncated,
            }
            for block in blocks
        ]
    )


def kernel_rows(block: PairBlock, run: Run) -> pl.DataFrame:
    """Rows of `expanded_weight_kernels` without run_id, by upper unit, the strongest first."""
    upper_ids = np.array(run.unit_ids[block.upper.layer_name], np.int32)[block.channels]
    lower_ids = np.array(run.unit_ids[block.lower.layer_name], np.int32)
    count, cells = block.strongest.shape[1], block.support.cell_count
    kernels = block.kernels.reshape(-1, cells).astype(np.float32)
    return pl.DataFrame(
        {
            "lower_unit_id": lower_ids[block.strongest.ravel()],
            "upper_unit_id": np.repeat(upper_ids, count),
            "kernel_height": np.full(len(kernels), block.support.height, np.int32),
            "kernel_width": np.full(len(kernels), block.support.width, np.int32),
            "kernel": pl.Series(kernels, dtype=pl.Array(pl.Float32, cells)).cast(pl.List(pl.Float32)),
        }
    )


def pair_ids(block: PairBlock, run: Run) -> dict[str, np.ndarray]:
    """Columns lower_unit_id and upper_unit_id of a block's pairs, in the order of by_lower."""
    upper_ids = np.array(run.unit_ids[block.upper.layer_name], np.int32)[block.channels]
    lower_ids = np.array(run.unit_ids[block.lower.layer_name], np.int32)
    return {
        "lower_unit_id": np.repeat(lower_ids, len(upper_ids)),
        "upper_unit_id": np.tile(upper_ids, len(lower_ids)),
    }


def by_lower(measure: np.ndarray) -> np.ndarray:
    """[U, L] -> [L * U] float32."""
    return np.ascontiguousarray(measure.T, np.float32).ravel()
