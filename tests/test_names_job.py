"""Rows of the job `names`, compared with stock open_clip and the plain formula, and resumed where it was stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

import duckdb
import numpy as np
import open_clip
import polars as pl
import pytest
import torch
from PIL import Image
from scipy.special import logsumexp, softmax

import warehouse
from ingest.assets import ASSETS
from ingest.names.job import NamesJob
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import load_model
from ingest.network.text_side import load_text_side
from ingest.runs.loop import here, run
from ingest.stimuli.concept_lists import concept_list
from ingest.stimuli.kept_pictures import KeptPictures, run_pictures
from warehouse.checking import check
from warehouse.errors import InputError, UsageError

CONCEPTS = ["dog", "red apple", "frog", "house", "rainbow", "sex"]
LAYERS = "4/2/5,4/2/6"
TABLES = ("name_concepts", "name_pictures", "name_ranks", "name_units", "name_examples")


def pictures_in(folder: Path, count: int = 14) -> KeptPictures:
    """Pictures of noise and colour, as a pictures run would have shown them."""
    rng = np.random.default_rng(0)
    rows = []
    for place in range(count):
        file = folder / f"{place}.png"
        levels = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(levels).resize((110, 100), Image.Resampling.NEAREST).save(file)
        rows.append(
            {
                "stimulus_kind": "picture",
                "stimulus_text": "frog",
                "source_uri": str(file),
                "content_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "is_explicit": False,
            }
        )
    return KeptPictures("pictures run", pl.DataFrame(rows).sort("content_sha256"), ("frog",))


def job_on(pictures: KeptPictures, layers: str = LAYERS) -> NamesJob:
    model = load_model("emoji-rn50")
    return NamesJob(model, select_layers(model.layers, layers), pictures, CONCEPTS, arithmetic("cpu"))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, KeptPictures]:
    folder = tmp_path_factory.mktemp("names")
    pictures = pictures_in(folder)
    assert run(job_on(pictures), folder / "w.duckdb").computed == 2
    assert run(job_on(pictures), folder / "w.duckdb").computed == 0
    return folder / "w.duckdb", pictures


def stock(pictures: KeptPictures) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """open_clip's own embeddings of pictures and texts, and the last layer's spatial means."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{ASSETS / 'emoji-rn50'}")
    images = torch.stack([preprocess(Image.open(uri)) for uri in pictures.stimuli["source_uri"]])
    maps: list[torch.Tensor] = []
    hook = model.visual.layer4.register_forward_hook(lambda _, __, out: maps.append(out))
    with torch.no_grad():
        embedded = model.eval().encode_image(images, normalize=True)
        texts = model.encode_text(load_text_side(load_model("emoji-rn50")).tokens(CONCEPTS), normalize=True)
    hook.remove()
    return embedded.double().numpy(), texts.double().numpy(), maps[0].mean((2, 3)).numpy()


def test_names_are_those_of_stock_open_clip_and_the_plain_formula(measured: tuple[Path, KeptPictures]) -> None:
    path, pictures = measured
    embedded, texts, means = stock(pictures)
    held = np.array([int(sha256[-1], 16) % 2 == 1 for sha256 in pictures.stimuli["content_sha256"]])
    shares, naming = softmax(10 * embedded @ texts.T, axis=1), means[~held]
    evidence = np.empty((means.shape[1], len(CONCEPTS)))
    for unit in range(means.shape[1]):
        order = np.argsort(-naming[:, unit], kind="stable")
        trust = 0.998 - 0.028 * np.arange(len(order)) / 100
        evidence[unit] = np.log(1 + trust[:, None] * (shares[~held][order] - 1) + 1e-7).sum(0)
    scores = evidence - (logsumexp(evidence, axis=0) - np.log(len(evidence)))
    found = warehouse.query(
        "select channel_index, name, name_score, held_out_correlation, random_name, random_correlation "
        "from unit_names inner join units using (unit_id) where layer_name = '4/2/6' and name_rank = 1 order by 1",
        warehouse=path,
    )
    assert len(found) == 512
    for unit, name, score, correlation, random_name, random_correlation in found.rows():
        place = CONCEPTS.index(name)
        assert score == pytest.approx(scores[unit].max(), abs=1e-3)
        assert scores[unit, place] == pytest.approx(scores[unit].max(), abs=1e-3)
        for one, trusted in ((place, correlation), (CONCEPTS.index(random_name), random_correlation)):
            if trusted is not None and np.ptp(means[held][:, unit]) > 1e-4:
                assert trusted == pytest.approx(np.corrcoef(means[held][:, unit], shares[held][:, one])[0, 1], abs=1e-2)


def test_a_run_passes_every_check_and_marks_explicit_concepts(measured: tuple[Path, KeptPictures]) -> None:
    path, pictures = measured
    assert [result for result in check(path) if result.failing_count] == []
    marked = warehouse.query("select concept from name_concepts where is_explicit", warehouse=path)
    assert marked["concept"].to_list() == ["sex"]
    shown = warehouse.query("select count(*) from run_stimuli", warehouse=path).item()
    assert shown == len(pictures)


def test_a_run_that_was_stopped_goes_on_and_ends_the_same(
    measured: tuple[Path, KeptPictures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, pictures = measured
    monkeypatch.setattr("ingest.names.job._UNITS_PER_SHARD", 600)

    def stopped(*given: object) -> Generator[int]:
        finished = here(*given)  # type: ignore[arg-type]
        yield next(finished)
        yield next(finished)
        raise KeyboardInterrupt

    path = tmp_path / "w.duckdb"
    with pytest.raises(KeyboardInterrupt):
        run(job_on(pictures), path, shards=stopped)
    outcome = run(job_on(pictures), path)
    assert (outcome.computed, outcome.found) == (1, 2)
    for table in TABLES:
        expected, found = (warehouse.query(f"from {table} order by all", warehouse=one) for one in (whole, path))
        assert found.equals(expected), table


def test_pictures_that_are_gone_are_left_out_and_too_few_are_an_error(tmp_path: Path) -> None:
    pictures = pictures_in(tmp_path, 10)
    Path(pictures.stimuli["source_uri"][0]).unlink()
    job = job_on(pictures, "4/2/6")
    run(job, tmp_path / "w.duckdb")
    assert job.unreadable == {0}
    assert warehouse.query("select count(*) from name_pictures", warehouse=tmp_path / "w.duckdb").item() == 9
    for uri in pictures.stimuli["source_uri"][2:]:
        Path(uri).unlink()
    with pytest.raises(InputError, match="1 picture can be read, too few"):
        run(job_on(pictures, "4/2/5"), tmp_path / "w.duckdb")


def test_one_concept_is_too_few(tmp_path: Path) -> None:
    model = load_model("emoji-rn50")
    with pytest.raises(UsageError, match="2 or more"):
        NamesJob(model, model.layers[-1:], pictures_in(tmp_path, 4), ["dog"], arithmetic("cpu"))


def test_concepts_are_the_files_the_pictures_or_common_words(tmp_path: Path) -> None:
    file = tmp_path / "concepts.txt"
    file.write_text("ship\nsea\n\nship\n")
    assert concept_list(str(file), ["cat"]) == (["ship", "sea"], f"texts of {file}")
    assert concept_list(None, ["cat", "dog"]) == (["cat", "dog"], "names of pictures")
    words, source = concept_list(None, [])
    assert (len(words), words[0], source) == (2_000, "the", "common words")


def test_all_pictures_of_the_run_are_taken_not_only_those_kept(small_logits: Path) -> None:
    model = load_model("emoji-rn50")
    with duckdb.connect(str(small_logits)) as connection:
        connection.execute("update models set weights_sha256 = ?", [model.weights_sha256])
        connection.execute("insert into run_choices values (5, '2024-05-01')")
    found = run_pictures(small_logits, model, 10)
    assert (found.run_sha256, found.stimuli["source_uri"].to_list()) == ("run 5", ["b.png", "c.png", "d.png"])
    assert found.names == ("cat", "dog")
    assert len(run_pictures(small_logits, model, 2)) == 2
