"""The job `typographic`: where the text is drawn, and that both pictures are measured as they are."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

import warehouse
from helpers.picture_files import drawn, saved
from ingest.network.capture import capture, normalised
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.pictures.typographic import TypographicJob
from ingest.runs.loop import run
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.overlays import Overlay, laid_over, overlay_for
from ingest.stimuli.picture_sources import items
from ingest.stimuli.texts import FONTS
from warehouse.checking import check
from warehouse.errors import TextTooLarge, UsageError


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model("emoji-rn50")


def test_the_text_lies_where_the_article_put_it() -> None:
    overlay = Overlay("iPod", 224, 20, 2)
    assert sorted(overlay.places()) == [(20, 20), (20, 120), (120, 20), (120, 120)]
    assert sorted(Overlay("iPod", 112, 10, 1).places()) == [(10, 10), (10, 60), (60, 10), (60, 60)]
    assert Overlay("iPod", 224, 20, 2, 1, 1).places() == [(20, 20)]
    pixels = drawn(0, 224, 224)
    expected = Image.fromarray(pixels)
    font = ImageFont.truetype(FONTS / "DejaVuSans.ttf", 20, layout_engine=ImageFont.Layout.BASIC)
    for x in range(2):
        for y in range(2):
            place = (20 + 100 * x, 20 + 100 * y)
            ImageDraw.Draw(expected).text(place, "iPod", (255, 255, 255), font, stroke_width=2, stroke_fill=(0, 0, 0))
    assert np.array_equal(laid_over(pixels, overlay), np.asarray(expected))


def test_bad_overlays_are_refused(model: ClipModel) -> None:
    for wrong in ({"grid": "2"}, {"grid": "0x2"}, {"grid": "17x1"}, {"size_px": 0}, {"stroke_px": -1}):
        with pytest.raises(UsageError):
            overlay_for(model, "iPod", **wrong)
    with pytest.raises(UsageError):
        overlay_for(model, "iPod", size_px=model.image_size_px + 1)
    for text in ("", "帽", "incomprehensibilities"):
        with pytest.raises(TextTooLarge):
            overlay_for(model, text)


def test_both_pictures_are_measured(model: ClipModel, tmp_path: Path) -> None:
    source, path = tmp_path / "set", tmp_path / "w.duckdb"
    source.mkdir()
    pictures = [drawn(seed, model.image_size_px, model.image_size_px) for seed in range(3)]
    for seed, picture in enumerate(pictures):
        (source / f"{seed}.png").write_bytes(saved(Image.fromarray(picture), "PNG"))
    (source / "broken.png").write_bytes(b"no picture")
    overlay = overlay_for(model, "hat")
    inventory = take_inventory(items(str(source)), tmp_path)
    job = TypographicJob(model, inventory, select_layers(model.layers, "4/2/6"), arithmetic("cpu"), overlay)
    with closing(job):
        run(job, path)
    found = warehouse.query(
        "select * from typographic_changes inner join units using (unit_id) order by source_uri, channel_index",
        warehouse=path,
    )
    for number, picture in enumerate(pictures):
        both = torch.from_numpy(np.stack([picture, laid_over(picture, overlay)]))
        means = capture(model.trunk, normalised(both, model.image_mean, model.image_std), {"4/2/6"}).mean
        mine = found[512 * number : 512 * (number + 1)]
        np.testing.assert_allclose(mine["clean_activation_mean"], means[0], atol=1e-5)
        np.testing.assert_allclose(mine["attacked_activation_mean"], means[1], atol=1e-5)
        np.testing.assert_allclose(mine["activation_change"], means[1] - means[0], atol=2e-5)
    kinds = "select stimulus_kind, count(*), count(error_message) from stimuli group by 1 order by 1"
    assert warehouse.query(kinds, warehouse=path).rows() == [("picture", 4, 1), ("typographic", 3, 0)]
    assert warehouse.query("select count(*) from thumbnails", warehouse=path).item() == 6
    assert [result for result in check(path) if result.failing_count] == []
