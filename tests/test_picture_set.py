"""The shipped picture set: every concept in several styles, with a name, a licence and a picture that decodes."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from ingest.bundled.concepts import concepts, readable_indices
from ingest.bundled.picture_set import PICTURE_SET, SIZE_PX, WORD_LIST, on_background
from ingest.bundled.styles import STYLES


@pytest.fixture(scope="module")
def pictures() -> pl.DataFrame:
    return pl.read_parquet(PICTURE_SET)


def test_it_is_small_enough_to_ship() -> None:
    assert PICTURE_SET.stat().st_size <= 12_000_000


def test_every_concept_is_drawn_in_the_held_out_style_and_in_another(pictures: pl.DataFrame) -> None:
    names = {concept.name for concept in concepts()}
    held_out = pictures.filter(pl.col("is_held_out"))
    assert held_out["style"].unique().to_list() == ["twemoji"]
    assert set(held_out["caption"]) == names
    assert set(pictures.filter(~pl.col("is_held_out"))["caption"]) == names


def test_each_style_has_its_licence_and_the_licence_its_text(pictures: pl.DataFrame) -> None:
    texts = {path.name for path in (PICTURE_SET.parent / "LICENSES").iterdir()}
    assert texts == {"Apache-2.0.txt", "CC-BY-4.0.txt", "MIT-emojibase.txt", "MIT-fluent-emoji.txt"}
    shipped = {style.style: style.licence for style in STYLES if style.is_shipped}
    assert dict(pictures.select("style", "licence").unique().iter_rows()) == shipped
    assert pictures.select(pl.all().null_count()).row(0) == (0,) * pictures.width


def test_pictures_decode_to_their_size_on_a_light_background(pictures: pl.DataFrame) -> None:
    for content in pictures["image"].gather_every(97):
        picture = np.asarray(Image.open(io.BytesIO(content)))
        assert picture.shape == (SIZE_PX, SIZE_PX, 3)
        assert picture.mean() > 40 and picture.std() > 3


def test_the_word_list_holds_the_readable_names() -> None:
    words = WORD_LIST.read_text().splitlines()
    assert words == [concepts()[index].name for index in readable_indices()]
    assert len(words) >= 400
    assert any(" " in word for word in words) and any(len(word) >= 10 and " " not in word for word in words)


def test_transparent_pixels_take_the_background() -> None:
    half_red = np.array([[[255, 0, 0, 0], [255, 0, 0, 255], [255, 0, 0, 51]]], np.uint8)
    assert on_background(half_red, (100, 100, 100)).tolist() == [[[100, 100, 100], [255, 0, 0], [131, 80, 80]]]
