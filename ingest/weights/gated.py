"""The gated part of job `weights`: the mean over pictures of the derivative with each picture's own gates.

Source: definitions.md sections 9 and 10. The same sweep also gives the effects of connections on the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache

import polars as pl

from ingest.expansion.expanded_weights import BLOCK_CHANNELS, PairBlock
from ingest.expansion.gated_sweep import GatedSweep, gated_block_channels
from ingest.expansion.gates import ShownPictures
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.stimuli.frozen_pictures import frozen_pictures
from ingest.stimuli.kept_pictures import KeptPictures
from ingest.weights.job import WeightsJob, WeightsSettings, by_lower, pair_ids
from warehouse.loading import Run


@dataclass(frozen=True)
class GatedWeightsSettings(WeightsSettings):
    """A weights run with gates; its pictures are the first picture_count of those that `pictures_run_sha256` kept."""

    pictures_run_sha256: str
    picture_count: int
    replaced_by: str = "mean"


class GatedWeightsJob(WeightsJob):
    """Pairs of layers of one model on some pictures."""

    part_name = "gated"
    settings: GatedWeightsSettings

    def __init__(
        self,
        model: ClipModel,
        uppers: Sequence[Layer],
        lowers: Sequence[Layer],
        arithmetic: Arithmetic,
        pictures: KeptPictures,
        *,
        kernel_count: int = 0,
    ) -> None:
        """Raises what WeightsJob raises."""
        super().__init__(model, uppers, lowers, arithmetic, kernel_count=kernel_count)
        self.settings = GatedWeightsSettings(**asdict(self.settings), **pictures.identity)
        self.stimuli, self._pictures = pictures.stimuli, pictures

    def _tables(self, blocks: Sequence[PairBlock], run: Run) -> dict[str, pl.DataFrame]:
        effects = pl.concat([effect_rows(block, run) for block in blocks])
        return super()._tables(blocks, run) | {"picture_effects": effects}

    @cached_property
    def _shown(self) -> ShownPictures:
        return frozen_pictures(self.model, self.trunk, self._pictures)

    @lru_cache(maxsize=1)  # noqa: B019 - the job lives as long as the process
    def _sweep(self, upper: str) -> GatedSweep:
        lowers = [lower.layer_name for lower in self._lowers[upper]]
        settings = self.settings
        return GatedSweep(
            self._shown,
            upper,
            lowers,
            values=self._shown.means(lowers),
            kernel_count=settings.kernel_count,
            tf32=settings.precision == "tf32",
        )

    @property
    def _shards_at_once(self) -> int:
        return 1  # a shard's maps fill the memory that they may have

    def _block_channels(self, kernel_count: int) -> int:
        """Upper channels of a shard: as many as leave room for the mean of J at every position."""
        counts = [gated_block_channels(self._supports[upper], below) for upper, below in self._lowers.items()]
        return min(super()._block_channels(kernel_count), BLOCK_CHANNELS, *counts)


def effect_rows(block: PairBlock, run: Run) -> pl.DataFrame:
    """Rows of `picture_effects` without run_id, by lower unit and then by upper unit."""
    assert block.effect_mean is not None
    assert block.effect_absolute_mean is not None
    return pl.DataFrame(
        {
            **pair_ids(block, run),
            "effect_mean": by_lower(block.effect_mean),
            "effect_absolute_mean": by_lower(block.effect_absolute_mean),
        }
    )
