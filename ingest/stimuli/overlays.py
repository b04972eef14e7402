"""Texts laid over pictures: the article's typographic attacks.

Source: DejaVu Sans 20 px, white with a black stroke of 2 px, at the four places (20 + 100 x, 20 + 100 y) of a picture
of 224 px; in proportion on other sizes.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ingest.network.model import ClipModel
from ingest.stimuli.texts import RasterSettings, font_of, problem
from warehouse.errors import TextTooLarge, UsageError

_REFERENCE_PX = 224
_MARGIN_PX, _EXTENT_PX = 20, 200
_GRID_LIMIT = 16


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
        """Identity of the picture that this makes from one with these bytes."""
        recipe = json.dumps({"picture": clean_sha256, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(recipe.encode()).hexdigest()


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
