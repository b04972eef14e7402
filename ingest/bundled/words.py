"""Names as pictures of words: rendered once, in many faces, as masks that training moves and colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.stimuli.texts import FONTS
from warehouse.errors import InputError

FONT_SCOPE = "@fontsource"
# Web font packages under the SIL, Apache or Ubuntu font licence. None is related to Cantarell, the held-out font.
FONT_FAMILIES = (
    *(
        "alegreya",
        "anton",
        "archivo",
        "arimo",
        "arvo",
        "barlow",
        "bitter",
        "cabin",
        "cardo",
        "comic-neue",
        "courier-prime",
    ),
    *(
        "cousine",
        "crimson-text",
        "dosis",
        "eb-garamond",
        "exo-2",
        "fira-mono",
        "fira-sans",
        "ibm-plex-mono",
        "ibm-plex-sans",
    ),
    *("ibm-plex-serif", "inconsolata", "inter", "josefin-sans", "karla", "lato", "libre-baskerville", "libre-franklin"),
    *(
        "lora",
        "merriweather",
        "montserrat",
        "mulish",
        "noto-sans",
        "noto-serif",
        "nunito",
        "open-sans",
        "oswald",
        "overpass",
    ),
    *(
        "patrick-hand",
        "playfair-display",
        "poppins",
        "pt-sans",
        "pt-serif",
        "quicksand",
        "raleway",
        "roboto",
        "roboto-slab",
    ),
    *("rubik", "signika", "source-sans-3", "source-serif-4", "space-mono", "special-elite", "tinos", "titillium-web"),
    *("ubuntu", "varela-round", "vollkorn", "work-sans", "zilla-slab"),
)
_WEIGHTS_AND_SLANTS = ("400-normal", "700-normal", "400-italic")
_MARGIN_PX = 3
_LARGEST_TEXT_PX = 30
_SMALLEST_TEXT_PX = 7


def training_faces(packages: Path) -> list[Path]:
    """Font files of the training families, and the program's own DejaVu Sans. Raises InputError if there are none."""
    names = (f"{family}-latin-{cut}.woff" for family in FONT_FAMILIES for cut in _WEIGHTS_AND_SLANTS)
    paths = [packages / FONT_SCOPE / name.split("-latin-")[0] / "files" / name for name in names]
    faces = [path for path in paths if path.is_file()]
    if not faces:
        raise InputError(f"no fonts in {packages / FONT_SCOPE}: npm install the packages of ingest/bundled/words.py")
    return [*faces, FONTS / "DejaVuSans.ttf"]


def word_mask(text: str, face: Path, size_px: int, *, on_two_lines: bool = False) -> NDArray[np.uint8]:
    """A text [size, size], 255 where inked, centred, as large as fits into the width, at most a third of the height."""
    text = text.replace(" ", "\n", 1) if on_two_lines else text
    canvas = Image.new("L", (size_px, size_px))
    draw = ImageDraw.Draw(canvas)
    font = _fitting(draw, text, face, size_px)
    centre = (size_px / 2, size_px / 2)
    draw.text(centre, text, 255, font, anchor="mm", align="center", spacing=1)
    return np.asarray(canvas)


def _fitting(draw: ImageDraw.ImageDraw, text: str, face: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """The font at the largest size at which the text fits into the picture, less a margin."""
    largest = size_px * _LARGEST_TEXT_PX // 96
    font = _font(face, largest)
    left, _, right, _ = draw.textbbox((0, 0), text, font)
    widest = size_px - 2 * _MARGIN_PX
    if right - left <= widest:
        return font
    return _font(face, max(_SMALLEST_TEXT_PX, int(largest * widest / (right - left))))


def _font(face: Path, text_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face, text_px, layout_engine=ImageFont.Layout.BASIC)
