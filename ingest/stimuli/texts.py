"""Text stimuli: a text as a picture, centred, in a font that comes with the program.

Source: definitions.md section 2 and the original's rasterize_text, whose placement is kept: the box from the ascender
to the lowest ink is centred, at whole pixels.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.assets import ASSETS
from ingest.stimuli.word_list import is_explicit

FONTS = ASSETS / "fonts"
_WITHOUT_GLYPH = "\uffff"
_FROM_THE_RIGHT = ("R", "AL", "RLE", "RLO", "RLI")


@dataclass(frozen=True)
class RasterSettings:
    """How a text becomes a picture; grey levels in 0..255. Defaults: the article's."""

    image_size_px: int
    text_size_px: int = 20
    font: str = "DejaVuSans"
    stroke_px: int = 2
    text_grey: int = 0
    stroke_grey: int = 255
    background_grey: int = 255

    def content_sha256(self, text: str) -> str:
        """Identity of the picture that these settings make from a text."""
        recipe = json.dumps({"text": text, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(recipe.encode()).hexdigest()


def rasterise(texts: Sequence[str], settings: RasterSettings) -> NDArray[np.uint8]:
    """Pictures [N, H, W], grey, of texts for which `problem` is None."""
    size = settings.image_size_px
    pictures = np.empty((len(texts), size, size), np.uint8)
    for picture, text in zip(pictures, texts, strict=True):
        picture[:] = np.asarray(_drawn(text, settings))
    return pictures


def problem(text: str, settings: RasterSettings) -> str | None:
    """Why a text cannot be shown as a person reads it; None if it can.

    It is too large for its picture (never cropped), has no glyph in the font or no ink, or is written from right to
    left: the layout here sets letters from the left, unjoined.
    """
    font = font_of(settings)
    missing = [character for character in dict.fromkeys(text) if not _has_glyph(character, settings)]
    if missing:
        return f"no glyph for {missing[0]!r} in {settings.font}"
    if any(unicodedata.bidirectional(character) in _FROM_THE_RIGHT for character in text):
        return "text from right to left would be drawn backwards"
    if font.getmask(text).getbbox() is None:
        return "nothing of it has ink"
    width, height = _extent(text, font)
    if max(width, height) > settings.image_size_px:
        return (
            f"text needs {width} x {height} px at {settings.text_size_px} px, the picture has {settings.image_size_px}"
        )
    return None


def text_stimuli(texts: Sequence[str], raster: RasterSettings) -> pl.DataFrame:
    """The texts as rows of `stimuli`, without ids; a text that cannot be shown keeps its reason."""
    size = raster.image_size_px
    return pl.DataFrame(
        {
            "stimulus_kind": ["word"] * len(texts),
            "stimulus_text": list(texts),
            "content_sha256": [raster.content_sha256(text) for text in texts],
            "width_px": [size] * len(texts),
            "height_px": [size] * len(texts),
            "is_explicit": [is_explicit(text) for text in texts],
            "error_message": [problem(text, raster) for text in texts],
        },
        schema_overrides={"error_message": pl.String},
    )


def _drawn(text: str, settings: RasterSettings) -> Image.Image:
    size, font = settings.image_size_px, font_of(settings)
    width, height = _extent(text, font)
    picture = Image.new("L", (size, size), settings.background_grey)
    place = ((size - width) // 2, (size - height) // 2)
    draw = ImageDraw.Draw(picture)
    # The whole stroke is drawn before the text, so one in the background's colour shows nothing and costs most.
    if settings.stroke_px and settings.stroke_grey != settings.background_grey:
        draw.text(
            place, text, settings.text_grey, font, stroke_width=settings.stroke_px, stroke_fill=settings.stroke_grey
        )
    else:
        draw.text(place, text, settings.text_grey, font)
    return picture


def _extent(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Width of the ink and height from the ascender to the lowest ink, pixels."""
    left, _, right, bottom = font.getbbox(text)
    return int(right - left), int(bottom)


@cache
def font_of(settings: RasterSettings) -> ImageFont.FreeTypeFont:
    # Basic layout: the same picture whether or not the machine has a shaping library.
    path = FONTS / f"{settings.font}.ttf"
    return ImageFont.truetype(path, settings.text_size_px, layout_engine=ImageFont.Layout.BASIC)


@cache
def _has_glyph(character: str, settings: RasterSettings) -> bool:
    font = font_of(settings)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask(_WITHOUT_GLYPH))
