"""A sheet of units to look at: `python -m ingest.bundled.training.contact_sheet MODEL FILE.png`.

It shows every 21st unit of the last layer, none picked by hand, with its top pictures in three styles and top words.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.bundled.concepts import concepts
from ingest.bundled.evaluate import (
    CPU,
    HELD_OUT_FONT,
    HELD_OUT_STYLE,
    output_layers,
    shown,
    style_pictures,
    word_pictures,
)
from ingest.bundled.picture_set import SIZE_PX
from ingest.network.model import ClipModel, load_model
from ingest.stimuli.texts import FONTS

STYLES = (HELD_OUT_STYLE, "noto", "fluent-emoji-flat")
EVERY = 21
UNITS = 24
_TOP_PICTURES = 3
_TOP_WORDS = 5
_CELL_PX = 48
_TEXT_PX = 13
_LINE_PX = 56
_NAME_PX = 74
_WORDS_PX = 330
_GREY = (110, 110, 110)


@dataclass(frozen=True)
class UnitTops:
    """One unit: pixels [S, P, H, W, 3] of its top pictures by style, the concepts they show, and its top words."""

    unit_name: str
    pictures: NDArray[np.uint8]
    picture_names: tuple[str, ...]
    words: tuple[str, ...]


def unit_tops(model: ClipModel, channels: Sequence[int]) -> list[UnitTops]:
    """The pictures and words that drive these channels of the last layer most."""
    layer, size = output_layers(model)[-1], model.image_size_px
    large = {style: style_pictures(style, SIZE_PX) for style in STYLES}
    seen = {style: shown(model, CPU, [layer], *style_pictures(style, size)) for style in STYLES}
    read = shown(model, CPU, [layer], *word_pictures(HELD_OUT_FONT, size))
    tops = []
    for channel in channels:
        best = {style: _best(seen[style].activations[layer][:, channel], _TOP_PICTURES) for style in STYLES}
        pictures = np.stack([large[style][1][best[style]] for style in STYLES])
        names = dict.fromkeys(concepts()[seen[style].owner[row]].name for style in STYLES for row in best[style])
        words = tuple(concepts()[index].name for index in read.owner[_best(read.activations[layer][:, channel], 5)])
        tops.append(UnitTops(f"{layer}/{channel}", pictures, tuple(names), words[:_TOP_WORDS]))
    return tops


def drawn(tops: Sequence[UnitTops]) -> Image.Image:
    """Two columns of units: name, pictures style by style, words."""
    width = _NAME_PX + len(STYLES) * (_TOP_PICTURES * _CELL_PX + 10) + _WORDS_PX
    rows = -(-len(tops) // 2)
    sheet = Image.new("RGB", (2 * width, rows * _LINE_PX + 24), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONTS / "DejaVuSans.ttf", _TEXT_PX)
    for place, top in enumerate(tops):
        left, line = (place // rows) * width, (place % rows) * _LINE_PX + 24
        draw.text((left + 4, line + 16), top.unit_name, "black", font)
        for style, pictures in enumerate(top.pictures):
            for rank, picture in enumerate(pictures):
                across = left + _NAME_PX + style * (_TOP_PICTURES * _CELL_PX + 10) + rank * _CELL_PX
                sheet.paste(Image.fromarray(picture).resize((_CELL_PX - 2, _CELL_PX - 2)), (across, line + 2))
        across = left + width - _WORDS_PX + 4
        draw.text((across, line + 6), ", ".join(top.words[:3]), "black", font)
        draw.text((across, line + 26), ", ".join(top.words[3:]), _GREY, font)
    for column in range(2):
        for style, name in enumerate((*STYLES, "words")):
            across = column * width + _NAME_PX + style * (_TOP_PICTURES * _CELL_PX + 10)
            draw.text((across, 4), name, _GREY, font)
    return sheet


def _best(values: NDArray[np.floating], count: int) -> NDArray[np.integer]:
    return np.argsort(-values, kind="stable")[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="emoji-rn50 or local-dir:PATH")
    parser.add_argument("file", type=Path, help="PNG to write")
    options = parser.parse_args()
    tops = unit_tops(load_model(options.model), range(0, UNITS * EVERY, EVERY))
    drawn(tops).save(options.file)
    for top in tops:
        print(top.unit_name, "| pictures:", ", ".join(top.picture_names), "| words:", ", ".join(top.words))


if __name__ == "__main__":
    main()
