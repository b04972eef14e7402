"""A text laid over a picture, from the typographic run to the change of stock open_clip's cosine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

import warehouse
from clip_warehouse import main
from helpers.picture_files import drawn, saved
from ingest.assets import ASSETS
from ingest.explanations.job import ExplainJob, Question
from ingest.network.device import arithmetic
from ingest.network.model import load_model
from ingest.network.text_side import load_text_side
from ingest.stimuli.attacked_pictures import attacked_pictures
from ingest.stimuli.overlays import laid_over, overlay_for
from warehouse.checking import check

TEXT = "hat"
SIDE_PX = 96  # of the bundled model's pictures, so that nothing is resized
COUNT = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("attacks")
    for seed in range(COUNT):
        (folder / f"{seed}.png").write_bytes(saved(Image.fromarray(drawn(seed, SIDE_PX, SIDE_PX)), "PNG"))
    with chdir(folder):
        assert main(["ingest", "typographic", "--text", TEXT, "--pictures", ".", "--warehouse", "w.duckdb"]) == 0
        assert main(["ingest", "logits", "--attacked", "--pictures", "2", "--warehouse", "w.duckdb"]) == 0
        yield folder


def stock_cosines(pixels: np.ndarray, texts: list[str]) -> np.ndarray:
    """[B, C] of pictures [B, S, S, 3] as they are."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{ASSETS / 'emoji-rn50'}")
    images = torch.stack([preprocess(Image.fromarray(picture)) for picture in pixels])
    tokens = load_text_side(load_model("emoji-rn50")).tokens(texts)
    with torch.no_grad():
        return (model.eval().encode_image(images, normalize=True) @ model.encode_text(tokens, normalize=True).T).numpy()


def test_units_and_constant_add_up_to_the_change_of_stock_open_clips_cosine(folder: Path) -> None:
    path = folder / "w.duckdb"
    overlay = overlay_for(load_model("emoji-rn50"), TEXT)
    found = warehouse.query(
        "with constant as (select stimulus_id, concept, constant_contribution from all_runs.picture_cosines), "
        "changes as (select clean_stimulus_id, stimulus_id, concept, count(*) as unit_count, "
        "sum(contribution_change) as change, "
        "max(abs(contribution_change - shortcut_change - residual_change - position_change)) as rest "
        "from attack_contributions group by all) "
        "select source_uri, concept, unit_count, rest, "
        "change + attacked.constant_contribution - clean.constant_contribution as change from changes "
        "inner join stimuli using (stimulus_id) "
        "inner join constant as attacked using (stimulus_id, concept) "
        "inner join constant as clean on clean_stimulus_id = clean.stimulus_id and concept = clean.concept",
        warehouse=path,
    )
    assert found["unit_count"].to_list() == [512] * len(found)
    assert found["rest"].max() < 1e-6
    of_text = found.filter(concept=TEXT)
    assert len(of_text) == 2, "the two pictures of the smallest content, each with its twin"
    for uri, change in of_text.select("source_uri", "change").rows():
        clean = np.asarray(Image.open(uri))
        before, after = stock_cosines(np.stack([clean, laid_over(clean, overlay)]), [TEXT])[:, 0]
        assert change == pytest.approx(after - before, abs=1e-5)
    assert [result for result in check(path) if result.failing_count] == []


def test_pictures_are_read_again_with_the_text(folder: Path) -> None:
    model = load_model("emoji-rn50")
    pictures = attacked_pictures(folder / "w.duckdb", model, COUNT)
    assert pictures.is_attacked == (False, True) * COUNT
    assert TEXT in pictures.names
    for place, (pixels, uri) in enumerate(
        zip(pictures.read(range(2 * COUNT), SIDE_PX), pictures.stimuli["source_uri"], strict=True)
    ):
        clean = np.asarray(Image.open(uri))
        expected = laid_over(clean, pictures.overlay) if place % 2 else clean
        np.testing.assert_array_equal(pixels, expected)


def test_without_a_typographic_run_the_command_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "logits", "--attacked", "--warehouse", str(tmp_path / "w.duckdb")]) == 1
    assert "clip-warehouse ingest typographic --text TEXT" in capsys.readouterr().err


def test_a_picture_is_explained_with_the_text_over_it(folder: Path) -> None:
    model, content = load_model("emoji-rn50"), (folder / "0.png").read_bytes()
    overlay = overlay_for(model, TEXT)
    values = [
        ExplainJob(model, content, Question(text=TEXT), arithmetic("cpu"), overlay=laid).graph.target.value
        for laid in (None, overlay)
    ]
    clean = drawn(0, SIDE_PX, SIDE_PX)
    expected = stock_cosines(np.stack([clean, laid_over(clean, overlay)]), [TEXT])[:, 0]
    np.testing.assert_allclose(values, expected, atol=1e-5)


def test_a_picture_is_explained_by_the_model_that_the_file_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.png").write_bytes(saved(Image.fromarray(drawn(0, SIDE_PX, SIDE_PX)), "PNG"))
    path, picture = str(tmp_path / "w.duckdb"), str(tmp_path / "one.png")
    control = ["--model", "emoji-rn50", "--pretrained", "random", "--seed", "3"]
    explain = ["explain", picture, "--text", "hat", "--depth", "1", "--warehouse", path]
    assert main(explain) == 0, "the bundled one for a file that is not there"
    assert main(["ingest", "pictures", picture, *control, "--layers", "4/2/6", "--warehouse", path]) == 0
    assert main([*explain, "--overlay", "dog"]) == 0
    assert "emoji-rn50 (random-3), which" in capsys.readouterr().err
    models = warehouse.query(
        "select pretrained_tag from runs inner join models using (model_id) where job_name = 'explain' order by run_id",
        warehouse=path,
    )
    assert models["pretrained_tag"].to_list() == ["bundled", "random-3"]
