"""Job `shares`: how much of each unit of a block's output comes from the shortcut, on that unit's own images.

Source: definitions.md section 5. Units share pictures: an image is run once for all units of a block that it belongs
to, and only norms and products of its maps are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from ingest.network.capture import normalised
from ingest.network.device import Arithmetic, ReadBack, gathered
from ingest.network.layers import select_bottlenecks
from ingest.network.model import ClipModel
from ingest.network.trunk import Bottleneck
from ingest.runs.job import Advance, ModelJob, cut
from ingest.runs.showing import batch_size
from ingest.shares.images import FEATURES, UnitImages
from ingest.shares.residual_shares import ADDED, PUBLISHED, Branches, ShareSums, branches, unfold
from ingest.stimuli.decoders import Decoders, Decoding
from ingest.stimuli.decoding import DecodingSettings
from warehouse.errors import InputError, SiteGone
from warehouse.loading import Run
from warehouse.wording import number_of

_UNITS_PER_SHARD = 512


@dataclass(frozen=True)
class SharesSettings:
    """Everything that decides the numbers of a shares run; `images_run_sha256` names the run its images come from."""

    bottlenecks: tuple[str, ...]
    image_source: str
    images_run_sha256: str
    top: int
    precision: str
    units_per_shard: int = _UNITS_PER_SHARD


@dataclass(frozen=True)
class Shard:
    """Channels of the outputs of some bottlenecks of one block, measured in one pass over their images."""

    bottlenecks: tuple[Bottleneck, ...]
    channels: range


class SharesJob(ModelJob):
    """Shares of some bottlenecks on one source of images.

    A unit's average needs all its images. Examples are shared, so a shard is a block: each picture is run once for all
    its bottlenecks. Feature visualisations are a unit's own, so a shard is a few hundred units.
    """

    name = "shares"
    counted = "pictures"
    without_unreadable = "image_count says how many each share rests on"
    settings: SharesSettings

    def __init__(
        self,
        model: ClipModel,
        bottlenecks: Sequence[Bottleneck],
        images: UnitImages,
        arithmetic: Arithmetic,
        *,
        top: int = 1,
        decoders: Callable[[DecodingSettings], Decoding] = Decoders,
    ) -> None:
        super().__init__(model, arithmetic)
        self.part_name = images.image_source
        names = tuple(bottleneck.name for bottleneck in bottlenecks)
        self.settings = SharesSettings(names, images.image_source, images.run_sha256, top, arithmetic.precision)
        self._images = images
        self._decoders = decoders(DecodingSettings(model.image_size_px))
        self.shards = list(_shards(bottlenecks, images.image_source))

    def size_of(self, shard_index: int) -> int:
        return self._pairs(self.shards[shard_index])["image_id"].n_unique()

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `residual_shares`: both definitions for every unit, even without an image."""
        shard = self.shards[shard_index]
        channel_count = shard.channels.stop
        sums = {
            (bottleneck.name, definition): ShareSums(channel_count)
            for bottleneck in shard.bottlenecks
            for definition in (PUBLISHED, ADDED)
        }
        self._add_images(shard, sums, advance)
        return {
            "residual_shares": pl.concat(
                _rows(key[1], self._images.image_source, shard.channels, self._unit_ids(run, key[0]), total)
                for key, total in sums.items()
            )
        }

    def _add_images(self, shard: Shard, sums: dict[tuple[str, str], ShareSums], advance: Advance) -> None:
        """Run the shard's images once and add them to the sums of their units."""
        pairs = _by_output(self._pairs(shard), shard.bottlenecks)
        unfolded = unfold(self.trunk, self.model.visual, [bottleneck.name for bottleneck in shard.bottlenecks])
        running = ((ids, list(branches(unfolded, images))) for ids, images in self._batches(shard, advance))
        nothing: tuple[NDArray[np.int64], list[ReadBack[Branches]]] = np.empty(0, np.int64), []
        for (image_ids, measured), _ in pairwise(chain(running, [nothing])):  # added while a GPU runs the next batch
            for branch in (one.wait() for one in measured):
                positions, channels = _pairs_among(image_ids, *pairs[branch.bottleneck_name])
                sums[branch.bottleneck_name, branch.definition].add(branch, positions, channels)

    def _batches(self, shard: Shard, advance: Advance) -> Iterator[tuple[NDArray[np.int64], torch.Tensor]]:
        """Ids, rising, and images [N, 3, H, W] of those that can be read. Raises InputError when none of many can."""
        image_ids = self._pairs(shard)["image_id"].unique().sort().to_list()
        size = batch_size(self.model, self.arithmetic)
        decoded_images: dict[int, NDArray[np.uint8]] = {}
        read_count = 0
        for place, (image_id, pixels) in enumerate(self._seen(image_ids), start=1):
            if pixels is None:
                self.unreadable.add(image_id)
            else:
                decoded_images[image_id] = pixels
            if decoded_images and (len(decoded_images) == size or place == len(image_ids)):
                read_count += len(decoded_images)
                batch = gathered(list(decoded_images.values()), self.trunk.device)
                yield np.array(list(decoded_images)), normalised(batch, self.model.image_mean, self.model.image_std)
                decoded_images = {}
            advance(1)
        if image_ids and not read_count:
            raise InputError(
                f"of {number_of(len(image_ids), 'picture')} none can be read any more: put them back where they were, "
                "or show them again with clip-warehouse ingest pictures SOURCE"
            )

    def _seen(self, image_ids: Sequence[int]) -> Iterator[tuple[int, NDArray[np.uint8] | None]]:
        """Pixels of each image, None for one that is gone. Raises SiteGone when a site does not answer now: otherwise
        shares without its pictures would look complete.
        """
        if not image_ids:
            return
        wanted = self._images.wanted(image_ids)
        for image_id, (place, _), decoded in zip(image_ids, wanted, self._decoders.decoded(wanted), strict=True):
            if decoded.is_unanswered:
                raise SiteGone(str(place), decoded.error_message or "")
            yield image_id, decoded.pixels

    def close(self) -> None:
        self._decoders.close()

    def _pairs(self, shard: Shard) -> pl.DataFrame:
        return self._images.pairs.filter(
            pl.col("layer_name").is_in([bottleneck.output_name for bottleneck in shard.bottlenecks]),
            pl.col("channel_index").is_between(shard.channels.start, shard.channels.stop, closed="left"),
        )

    def _unit_ids(self, run: Run, bottleneck_name: str) -> range:
        (bottleneck,) = (bottleneck for bottleneck in self.trunk.bottlenecks if bottleneck.name == bottleneck_name)
        return run.unit_ids[bottleneck.output_name]


def shares_job(
    model: ClipModel,
    bottleneck_names: Sequence[str],
    images: UnitImages,
    arithmetic: Arithmetic,
    *,
    top: int,
    decoders: Callable[[DecodingSettings], Decoding] = Decoders,
) -> SharesJob:
    """The job from the names of its bottlenecks, which are cheaper to send than their weights."""
    bottlenecks = select_bottlenecks(model.trunk, ",".join(bottleneck_names))
    return SharesJob(model, bottlenecks, images, arithmetic, top=top, decoders=decoders)


def _shards(bottlenecks: Sequence[Bottleneck], image_source: str) -> Iterator[Shard]:
    for _, group in groupby(bottlenecks, key=lambda bottleneck: bottleneck.block_index):
        block = tuple(group)
        channel_count = len(block[0].conv3.shift)
        if image_source != FEATURES:
            yield Shard(block, range(channel_count))
            continue
        for bottleneck in block:
            yield from (Shard((bottleneck,), channels) for channels in cut(channel_count, _UNITS_PER_SHARD))


def _by_output(
    pairs: pl.DataFrame, bottlenecks: Sequence[Bottleneck]
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Bottleneck -> image ids, rising, and channels of its output's pairs."""
    by_output = {}
    for bottleneck in bottlenecks:
        own = pairs.filter(pl.col("layer_name") == bottleneck.output_name).sort("image_id", "channel_index")
        ids, channels = (own[name].cast(pl.Int64).to_numpy() for name in ("image_id", "channel_index"))
        by_output[bottleneck.name] = (ids, channels)
    return by_output


def _pairs_among(
    image_ids: NDArray[np.int64], ids: NDArray[np.int64], channels: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Places in `image_ids` and channels of the pairs whose image is one of these; both lists of ids rise."""
    first, last = np.searchsorted(ids, [image_ids[0], image_ids[-1] + 1])
    ids, channels = ids[first:last], channels[first:last]
    positions = np.searchsorted(image_ids, ids)
    is_here = image_ids[positions] == ids
    return positions[is_here], channels[is_here]


def _rows(definition: str, image_source: str, channels: range, unit_ids: range, sums: ShareSums) -> pl.DataFrame:
    """Rows of `residual_shares` without run_id."""
    chosen = slice(channels.start, channels.stop)
    measured = vars(sums.statistics())
    frame = pl.DataFrame(
        {
            "unit_id": np.array(unit_ids[chosen], np.int32),
            "definition": [definition] * len(channels),
            "image_source": [image_source] * len(channels),
            "image_count": measured.pop("image_count")[chosen],
            **{name: values[chosen].astype(np.float32) for name, values in measured.items()},
        }
    )
    return frame.fill_nan(None)
