"""The Activation distribution page: levels, a picture dropped in, labels written beside readers."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import duckdb
import pytest
from PIL import Image

import warehouse
from dashboards import live
from dashboards.reads import warehouse_file
from helpers import pictured
from helpers.measured import measure
from helpers.opening import checked, open_page, shown
from warehouse.errors import InputError, UnknownUnit

UNIT = "4/2/6/7"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two words, and 60 pictures by hand, in the last layer of the bundled model."""
    path = tmp_path_factory.mktemp("distribution") / "pictures.duckdb"
    words = path.with_name("words.txt")
    words.write_text("hat\ncap\n")
    measure(path, "words", "--file", str(words), "--layers", "4/2/6")
    pictured.fill(path, layer_names=["4/2/6"])
    return path


@pytest.fixture
def pictures_shown(measured: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(measured, tmp_path / "pictures.duckdb"))


def test_pictures_stand_in_tenths_and_in_standard_deviations(pictures_shown, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT))
    assert page.count('aria-label="tenth ') == 10
    assert page.count("<img") >= 50, "five pictures in each tenth"
    assert "60 pictures" in page and "σ" in page
    assert "explicit, press to reveal" in page


def test_a_label_is_written_and_counts(pictures_shown, monkeypatch) -> None:
    app = open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT)
    assert "0 labelled, 50 to go" in shown(app)
    for count, label in enumerate(["hat", "not a hat"], start=1):
        app.text_input(key="label").set_value(label)
        (button,) = [button for button in app.button if button.label == "Label, next picture"]
        warehouse_file._rows.clear()  # as after an ingest: the page reads before it writes
        assert f"{count} labelled, {50 - count} to go" in shown(checked(button.click().run()))
    kept = warehouse.query("select unit_name, label_names from unit_picture_labels", warehouse=pictures_shown)
    assert sorted(kept.rows()) == [(UNIT, ["hat"]), (UNIT, ["not a hat"])]
    page = shown(app)
    assert "Probability of each label by activation" in page and 'title="hat to 2 σ' in page


def test_a_label_that_cannot_be_written_is_one_line(pictures_shown, monkeypatch) -> None:
    app = open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT)
    app.text_input(key="label").set_value("x" * 200)
    (button,) = [button for button in app.button if button.label == "Label, next picture"]
    assert 'class="cw-refused"' in shown(checked(button.click().run()))


def test_a_picture_dropped_in_is_placed_among_the_others(pictures_shown, monkeypatch) -> None:
    app = open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT)
    app.file_uploader(key="own picture").upload("red.png", red(), "image/png")
    page = shown(checked(app.run()))
    assert "the picture you dropped in" in page and "% of the pictures" in page


def test_a_file_that_is_not_a_picture_is_one_line(pictures_shown, monkeypatch) -> None:
    app = open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT)
    app.file_uploader(key="own picture").upload("red.png", b"nothing of the sort", "image/png")
    assert "cannot show this picture" in shown(checked(app.run()))


def test_a_live_picture_answers_as_the_model_does(pictures_shown, monkeypatch) -> None:
    import torch

    from ingest.network.model import load_model

    monkeypatch.setenv("CLIP_WAREHOUSE", str(pictures_shown))
    warehouse_file._rows.clear()
    with duckdb.connect(str(pictures_shown), read_only=True) as connection:
        ((run,),) = connection.execute("select run_id from runs where job_name = 'pictures'").fetchall()
    model = load_model("emoji-rn50")
    pixels = torch.zeros(1, 3, 64, 64)
    pixels[:, 0] = 200 / 255
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (model.image_mean, model.image_std))
    with torch.no_grad():
        stem = model.visual.stem((pixels - mean) / std)
        block = model.visual.layer4(model.visual.layer3(model.visual.layer2(model.visual.layer1(stem))))
    assert live.picture(run, red(), UNIT) == pytest.approx(block[0, 7].mean().item(), abs=1e-5)
    with pytest.raises(InputError):
        live.picture(run, b"no picture", UNIT)
    with pytest.raises(UnknownUnit):
        live.picture(run, red(), "4/2/6/100000")


@pytest.mark.parametrize("typed", ["9/9/9/9", "hat", "'"])
def test_an_unknown_unit_is_a_quiet_line(pictures_shown, monkeypatch, typed) -> None:
    assert "No unit" in shown(open_page(monkeypatch, pictures_shown, "distribution", unit=typed))


def test_without_pictures_the_page_names_the_command(empty_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest pictures" in shown(open_page(monkeypatch, empty_warehouse, "distribution"))


def red() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 0, 0)).save(written, "PNG")
    return written.getvalue()


def test_what_most_pictures_leave_at_zero_is_one_bar(pictures_shown, monkeypatch) -> None:
    with duckdb.connect(str(pictures_shown)) as connection:
        connection.execute(
            "update activations set activation_mean = if(stimulus_id % 10 = 0, stimulus_id / 100, 0) "
            "from units, runs where units.unit_id = activations.unit_id and runs.run_id = activations.run_id "
            f"and job_name = 'pictures' and unit_name = '{UNIT}'; "
            "update activation_sketches set positive_count = 6 from units "
            f"where units.unit_id = activation_sketches.unit_id and unit_name = '{UNIT}'"
        )
    page = shown(open_page(monkeypatch, pictures_shown, "distribution", unit=UNIT))
    assert "<small>90.0 %</small>" in page and "6 of 60 kept pictures above zero" in page
    assert 'aria-label="at zero or below"' in page
    assert page.count('aria-label="tenth ') == 6, "one for each of the six above zero"
    assert "in standard deviations" not in page
