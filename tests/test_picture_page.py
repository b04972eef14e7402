"""The Picture page: what it shows of stored graphs without a model, and of a dropped picture with the bundled one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import open_clip
import pytest
import torch
from PIL import Image

from helpers.opening import checked, open_page, shown
from ingest.assets import ASSETS
from ingest.logits.job import LogitsJob
from ingest.network.device import arithmetic
from ingest.network.model import load_model
from ingest.network.text_side import load_text_side
from ingest.runs.loop import run
from test_logits_job import pictures_in

CONCEPTS = ["dog", "red apple", "hat", "clock", "bird", "car", "tree", "moon", "book", "fish", "house", "ring"]

ROWS = Path(__file__).parent / "rows"


@pytest.fixture
def explained(empty_warehouse: Path) -> Path:
    """The rows of small_graph.sql, with strengths of its picture in a logits run 3."""
    with duckdb.connect(str(empty_warehouse)) as connection:
        connection.execute((ROWS / "small_graph.sql").read_text())
        connection.execute(
            "insert into runs values (3, 1, 'logits', '', '{}', 'run 3', 'complete', 'cpu', 'float32', '{}', "
            "'2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 0, null)"
        )
        connection.execute("insert into logit_concepts values (3, 0, 'dog', [1, 0]), (3, 1, 'cat', [0, 1])")
        connection.execute("insert into picture_embeddings values (3, 7, 10, [9, 0], [-1, 4], [1, 0], [1, 0])")
        connection.execute("insert into unit_projections values (3, 7, 0, 2), (3, 7, 1, 1), (3, 8, 0, 0), (3, 8, 1, 1)")
    return empty_warehouse


def test_the_page_begins_with_a_stored_graph_and_runs_no_model(explained, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, explained, "picture"))
    assert "<strong>dog</strong>" in page and "Who says dog" in page
    assert 'title="along the shortcut 0.900, made here −0.100, rest 0.200"' in page
    assert "dog, cat" in page, "what the unit says"
    assert "Press a unit of the graph" in page


def test_a_pressed_unit_is_shown_on_the_picture(explained, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, explained, "picture", node="4/1/6/0"))
    assert 'alt="4/1/6/0 on the picture"' in page
    assert "adds 0.600 here" in page


def test_without_strengths_the_page_names_the_command(small_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest logits" in shown(open_page(monkeypatch, small_warehouse, "picture"))


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A logits run of one picture and twelve concepts, and the file of another picture."""
    folder = tmp_path_factory.mktemp("split")
    dropped = pictures_in(folder, 3).stimuli["source_uri"][2]
    job = LogitsJob(load_model("emoji-rn50"), pictures_in(folder, 1), CONCEPTS, arithmetic("cpu"))
    run(job, folder / "w.duckdb")
    return folder / "w.duckdb", Path(dropped)


def stock_order(file: Path) -> list[str]:
    """The concepts by cosine with a picture, by open_clip itself."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{ASSETS / 'emoji-rn50'}")
    model.eval()
    with torch.no_grad():
        image = model.encode_image(preprocess(Image.open(file).convert("RGB"))[None], normalize=True)
        texts = model.encode_text(load_text_side(load_model("emoji-rn50")).tokens(CONCEPTS), normalize=True)
    return [CONCEPTS[place] for place in (image @ texts.T)[0].argsort(descending=True)]


def concepts_of(page: str) -> list[str]:
    """The concepts that the page lists, in its order."""
    (listed,) = re.findall(r'aria-label="concepts of the picture by cosine">(.*?)</ol>', page, re.DOTALL)
    return [re.sub("<.*?>", "", name) for name in re.findall(r"<span>(.*?)</span>", listed)]


def test_a_dropped_picture_has_the_concepts_that_fit_it_best(
    split: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, dropped = Path(shutil.copy(split[0], tmp_path / "w.duckdb")), split[1]
    app = open_page(monkeypatch, path, "picture", text="moon")
    app.file_uploader(key="dropped").upload("mine.png", dropped.read_bytes(), "image/png")
    order = stock_order(dropped)
    best = [concept for concept in order if concept == "moon" or concept in order[:7]]
    assert concepts_of(shown(checked(app.run()))) == best


def test_a_dropped_picture_without_a_text_is_explained_by_the_concept_that_fits_it_best(
    split: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, dropped = Path(shutil.copy(split[0], tmp_path / "w.duckdb")), split[1]
    app = open_page(monkeypatch, path, "picture")
    app.file_uploader(key="dropped").upload("mine.png", dropped.read_bytes(), "image/png")
    page = shown(checked(app.run()))
    best = stock_order(dropped)[0]
    assert concepts_of(page)[0] == best and f"Who says {best}" in page


def test_a_dropped_file_that_is_not_a_picture_is_refused_in_a_line(
    split: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, Path(shutil.copy(split[0], tmp_path / "w.duckdb")), "picture")
    app.file_uploader(key="dropped").upload("mine.png", b"not a picture", "image/png")
    assert "cannot show this picture" in shown(checked(app.run()))
