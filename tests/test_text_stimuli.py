"""Texts as pictures: their placement, and texts that cannot be shown."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.stimuli.texts import FONTS, RasterSettings, problem, rasterise

ARTICLE = RasterSettings(224)


def ink_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.where(picture < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_a_text_is_black_on_white_and_centred() -> None:
    (picture,) = rasterise(["hat"], ARTICLE)
    assert picture.shape == (224, 224)
    assert picture.min() == 0
    assert picture[0, 0] == 255
    top, bottom, left, right = ink_box(picture)
    assert abs((left + right) / 2 - 111.5) <= 1.5
    assert 100 < top < bottom < 124


def test_placement_is_the_originals() -> None:
    """Pillow 8's textsize was the width of the ink and the height from the ascender; the stroke was white on white."""
    font = ImageFont.truetype(FONTS / "DejaVuSans.ttf", 20, layout_engine=ImageFont.Layout.BASIC)
    image = Image.new("RGB", (224, 224), (255, 255, 255))
    left, _, right, bottom = font.getbbox("coffee")
    place = (int((224 - (right - left)) / 2), int((224 - bottom) / 2))
    ImageDraw.Draw(image).text(place, "coffee", (0, 0, 0), font, stroke_width=2, stroke_fill=(255, 255, 255))
    np.testing.assert_array_equal(rasterise(["coffee"], ARTICLE)[0], np.asarray(image)[..., 0])


def test_a_stroke_in_another_grey_shows() -> None:
    plain, stroked = RasterSettings(64, 12), RasterSettings(64, 12, stroke_grey=128)
    assert (rasterise(["hat"], stroked) == 128).sum() > 20
    assert (rasterise(["hat"], plain) != rasterise(["hat"], stroked)).any()


def test_a_text_that_does_not_fit_has_a_reason_and_one_pixel_decides() -> None:
    font = ImageFont.truetype(FONTS / "DejaVuSans.ttf", 20, layout_engine=ImageFont.Layout.BASIC)
    left, _, right, _ = font.getbbox("incomprehensible")
    width = int(right - left)
    assert problem("incomprehensible", RasterSettings(width)) is None
    assert problem("incomprehensible", RasterSettings(width - 1)).startswith(f"text needs {width} x")


def test_a_character_without_a_glyph_has_a_reason() -> None:
    assert problem("帽子", ARTICLE) == "no glyph for '帽' in DejaVuSans"
    assert problem("naïve café", ARTICLE) is None


def test_the_whole_picture_is_decided_by_the_identity() -> None:
    assert ARTICLE.content_sha256("hat") == RasterSettings(224, 20).content_sha256("hat")
    others = [RasterSettings(64), RasterSettings(224, 21), RasterSettings(224, stroke_grey=0)]
    hashes = {settings.content_sha256("hat") for settings in (ARTICLE, *others)} | {ARTICLE.content_sha256("cap")}
    assert len(hashes) == 5


@pytest.mark.parametrize("size", [64, 75, 224, 288])
def test_pictures_have_the_models_size(size: int) -> None:
    assert rasterise(["a", "b"], RasterSettings(size, 12)).shape == (2, size, size)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("שלום", "right to left"),
        ("مرحبا", "right to left"),
        ("abc שלום", "right to left"),
        ("\u200b", "no"),
        ("\u00a0", "has ink"),
        ("   ", "has ink"),
    ],
)
def test_a_text_that_would_not_be_drawn_as_it_is_read_is_refused(text: str, reason: str) -> None:
    assert reason in str(problem(text, RasterSettings(224)))


@pytest.mark.parametrize("text", ["café", "Ελλ", "при", "naïve", "-", "12", "don't", "♥"])
def test_other_scripts_and_signs_are_shown(text: str) -> None:
    assert problem(text, RasterSettings(224)) is None
