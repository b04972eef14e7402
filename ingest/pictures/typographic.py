"""Job `typographic`: pictures with a text laid over them beside the same pictures without it.

Source: the article's typographic attacks: DejaVu Sans 20 px, white with a black stroke of 2 px, at the four places
(20 + 100 x, 20 + 100 y) of a picture of 224 px; all of it in proportion on other sizes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ingest.network.capture import Activations
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.pictures.job import Seen, batches
from ingest.runs.job import Advance, ModelJob, cut
from ingest.runs.showing import activation_rows, batch_size, show, unit_ids_of
from ingest.stimuli.decoders import Decoders, Decoding
from ingest.stimuli.decoding import DecodingSettings, encoded
from ingest.stimuli.inventory import Inventory
from ingest.stimuli.texts import RasterSettings, font_of, problem
from ingest.stimuli.word_list import is_explicit
from warehouse.errors import TextTooLarge, UsageError
from warehouse.loading import Run

_REFERENCE_PX = 224
_MARGIN_PX, _EXTENT_PX = 20, 200
_GRID_LIMIT = 16
_ROWS_PER_SHARD = 4_000_000
_PICTURES_PER_SHARD = 2_048


@dataclass(frozen=True)
class Overlay:
    """A text, and how it is laid over a picture of image_size_px."""

    text: str
    image_size_px: int
    text_size_px: int
    stroke_px: int
    column_count: int = 2
    row_count: int = 2
    font: str = "DejaVuSans"

    def places(self) -> list[tuple[int, int]]:
        """Left and top of each copy of the text, pixels."""
        scale = self.image_size_px / _REFERENCE_PX
        return [
            (
                round((_MARGIN_PX + _EXTENT_PX / self.column_count * column) * scale),
                round((_MARGIN_PX + _EXTENT_PX / self.row_count * row) * scale),
            )
            for column in range(self.column_count)
            for row in range(self.row_count)
        ]

    def content_sha256(self, clean_sha256: str) -> str:
        """Identity of the picture that this makes of one with those bytes."""
        recipe = json.dumps({"picture": clean_sha256, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(recipe.encode()).hexdigest()


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
                small = [encoded(Image.fromarray(picture), size) for picture in attacked]
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


def overlay_for(
    model: ClipModel, text: str, *, size_px: int | None = None, stroke_px: int | None = None, grid: str = "2x2"
) -> Overlay:
    """The article's overlay in proportion to the model's pictures. Raises UsageError, TextTooLarge (no glyph)."""
    match = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})", grid)
    if match is None or not all(0 < int(count) <= _GRID_LIMIT for count in match.groups()):
        raise UsageError(f"--grid {grid}: take 2x2, 1x1 or any up to {_GRID_LIMIT}x{_GRID_LIMIT}")
    size_px = model.text_size_px if size_px is None else size_px
    if not 0 < size_px <= model.image_size_px:
        raise UsageError(f"--size {size_px}: take 1 to {model.image_size_px}, the size of the model's pictures")
    default_stroke = max(1, round(2 * model.image_size_px / _REFERENCE_PX))
    stroke_px = default_stroke if stroke_px is None else stroke_px
    if not 0 <= stroke_px <= size_px:
        raise UsageError(f"--stroke {stroke_px}: take 0 to {size_px}, the size of the text")
    reason = problem(text, RasterSettings(model.image_size_px, size_px)) if text.strip() else "it is empty"
    if reason:
        raise TextTooLarge(f"cannot lay {text!r} over a picture: {reason}; take another text or a smaller --size")
    columns, rows = map(int, match.groups())
    return Overlay(text, model.image_size_px, size_px, stroke_px, columns, rows)


def laid_over(pixels: NDArray[np.uint8], overlay: Overlay) -> NDArray[np.uint8]:
    """A picture [S, S, 3] with the text at every place of the grid, white with a black stroke."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    font = font_of(RasterSettings(overlay.image_size_px, overlay.text_size_px, overlay.font))
    for place in overlay.places():
        draw.text(place, overlay.text, "white", font, stroke_width=overlay.stroke_px, stroke_fill="black")
    return np.asarray(picture)


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
