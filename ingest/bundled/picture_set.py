"""The picture set that ships with the program: every concept in several freely licensed styles, in one Parquet file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from ingest.assets import ASSETS
from ingest.bundled.concepts import concepts, readable_indices
from ingest.bundled.render import rendered_style
from ingest.bundled.styles import STYLES, Style

PICTURE_SET = ASSETS / "emoji-pictures" / "pictures.parquet"
WORD_LIST = PICTURE_SET.with_name("words.txt")
SHIPPED = tuple(style for style in STYLES if style.is_shipped)
SIZE_PX = 96
BACKGROUND = (244, 244, 244)  # light, but white things can still be seen
_WEBP_QUALITY = 88


def write_picture_set(packages: Path, path: Path = PICTURE_SET, styles: Sequence[Style] = SHIPPED) -> None:
    """Render styles, one row per picture: image (WebP), caption, keywords, style, source, licence ..."""
    frames = [_frame(style, *rendered_style(packages, style, SIZE_PX)) for style in styles]
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.concat(frames).write_parquet(path, compression="zstd", row_group_size=500)


def write_word_list(path: Path = WORD_LIST) -> None:
    """The names that are shown as words, one per line: for `clip-warehouse ingest words --file`."""
    path.write_text("".join(f"{concepts()[index].name}\n" for index in readable_indices()), encoding="utf-8")


def on_background(pictures: NDArray[np.uint8], background: tuple[int, int, int] = BACKGROUND) -> NDArray[np.uint8]:
    """Pictures [..., H, W, 4] RGBA on a plain background: [..., H, W, 3]."""
    opacity = pictures[..., 3:].astype(np.float32) / 255
    mixed = pictures[..., :3] * opacity + np.array(background, np.float32) * (1 - opacity)
    return np.rint(mixed).astype(np.uint8)


def _frame(style: Style, indices: NDArray[np.int64], pictures: NDArray[np.uint8]) -> pl.DataFrame:
    shown = [concepts()[index] for index in indices]
    return pl.DataFrame(
        {
            "image": [_webp(picture) for picture in on_background(pictures)],
            "caption": [concept.name for concept in shown],
            "keywords": [list(concept.keywords) for concept in shown],
            "code_points": [concept.code_points for concept in shown],
            "style": style.style,
            "is_held_out": style.is_held_out,
            "source": [f"npm:{style.package}#{concept.code_points}" for concept in shown],
            "licence": style.licence,
        }
    )


def _webp(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", quality=_WEBP_QUALITY, method=6)
    return buffer.getvalue()
