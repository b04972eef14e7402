"""Job `typographic`: pictures with a text laid over them beside the same pictures without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from PIL import Image

from ingest.network.capture import Activations
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.pictures.job import Seen, batches
from ingest.runs.job import Advance, ModelJob, cut
from ingest.runs.showing import activation_rows, batch_size, show, unit_ids_of
from ingest.stimuli.decoders import Decoders, Decoding
from ingest.stimuli.decoding import DecodingSettings, thumbnail_of
from ingest.stimuli.inventory import Inventory
from ingest.stimuli.overlays import Overlay, laid_over
from ingest.stimuli.word_list import is_explicit
from warehouse.loading import Run

_ROWS_PER_SHARD = 4_000_000
_PICTURES_PER_SHARD = 2_048


@dataclass(frozen=True)
class TypographicSettings:
    """Everything that decides the numbers of a typographic run."""

    set_sha256: str
    picture_count: int
    layers: tuple[str, ...]
    overlay: Overlay
    decoding: DecodingSettings
    precision: str
    pictures_per_shard: int


class TypographicJob(ModelJob):
    """Each picture of an inventory clean and with the text."""

    name = "typographic"
    counted = "pictures"
    settings: TypographicSettings

    def __init__(
        self,
        model: ClipModel,
        inventory: Inventory,
        layers: Sequence[Layer],
        arithmetic: Arithmetic,
        overlay: Overlay,
        *,
        thumbnail_px: int = 112,
        decoders: Callable[[DecodingSettings], Decoding] = Decoders,
    ) -> None:
        super().__init__(model, arithmetic)
        self.inventory = inventory
        row_count = 2 * sum(layer.channel_count for layer in layers)
        self.settings = TypographicSettings(
            set_sha256=inventory.set_sha256,
            picture_count=inventory.picture_count,
            layers=tuple(layer.layer_name for layer in layers),
            overlay=overlay,
            decoding=DecodingSettings(model.image_size_px, thumbnail_px),
            precision=arithmetic.precision,
            pictures_per_shard=max(16, min(_PICTURES_PER_SHARD, _ROWS_PER_SHARD // row_count)),
        )
        self.shards = cut(inventory.picture_count, self.settings.pictures_per_shard)
        self._decoders = decoders(self.settings.decoding)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """Clean pictures have the stimulus_index 0 .. N - 1 of the shard, those with the text N .. 2 N - 1."""
        seen = Seen(self.inventory.pictures(self.shards[shard_index]), frozenset())
        captured: list[Activations] = []
        shown: list[int] = []
        thumbnails: dict[int, bytes] = {}
        count = len(seen.pictures)
        for indices, pixels in batches(self._decoders, seen, batch_size(self.model, self.arithmetic), advance):
            attacked = np.stack([laid_over(picture, self.settings.overlay) for picture in pixels])
            for offset, pictures in ((0, pixels), (count, attacked)):
                captured.append(show(self.model, self.trunk, pictures, self.settings.layers))
                shown += [offset + index for index in indices]
            if size := self.settings.decoding.thumbnail_px:
                small = [thumbnail_of(Image.fromarray(picture), size) for picture in attacked]
                thumbnails |= {count + index: image for index, image in zip(indices, small, strict=True)}
        tables = _with_attacked(
            seen.tables(), thumbnails, [i - count for i in shown if i >= count], self.settings.overlay
        )
        if captured:
            unit_ids = unit_ids_of(run, self.settings.layers)
            rows = activation_rows(captured, np.array(shown, np.int32), unit_ids)
            tables["activations"] = rows.rename({"stimulus_id": "stimulus_index"})
        return {name: frame for name, frame in tables.items() if len(frame)}

    def close(self) -> None:
        self._decoders.close()


def _with_attacked(
    tables: dict[str, pl.DataFrame], thumbnails: dict[int, bytes], attacked: list[int], overlay: Overlay
) -> dict[str, pl.DataFrame]:
    """The tables of the clean pictures with rows for those that have the text; `attacked`: their places."""
    clean = tables["stimuli"]
    count = len(clean)
    changed = clean[attacked].with_columns(
        pl.col("stimulus_index") + count,
        pl.lit("typographic").alias("stimulus_kind"),
        pl.col("content_sha256").map_elements(overlay.content_sha256, pl.String),
        pl.lit(overlay.image_size_px, pl.Int32).alias("width_px"),
        pl.lit(overlay.image_size_px, pl.Int32).alias("height_px"),
        pl.col("is_explicit") | is_explicit(overlay.text),
    )
    pairs = pl.DataFrame(
        {"stimulus_index": [count + index for index in attacked], "clean_stimulus_index": attacked},
        {"stimulus_index": pl.Int64, "clean_stimulus_index": pl.Int64},
    )
    small = pl.DataFrame(
        {"stimulus_index": list(thumbnails), "thumbnail": list(thumbnails.values())}, tables["thumbnails"].schema
    )
    return {
        **tables,
        "stimuli": pl.concat([clean, changed]),
        "run_stimuli": pl.concat([tables["run_stimuli"], pairs.select("stimulus_index")]),
        "thumbnails": pl.concat([tables["thumbnails"], small]),
        "typographic_stimuli": pairs.with_columns(overlay_text=pl.lit(overlay.text)),
    }
