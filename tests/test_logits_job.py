"""Rows of the job `logits`, compared with stock open_clip from the picture file to the cosine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import open_clip
import polars as pl
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

import warehouse
from ingest.assets import ASSETS
from ingest.logits.job import LogitsJob
from ingest.network.device import arithmetic
from ingest.network.model import load_model
from ingest.network.text_side import load_text_side
from ingest.runs.loop import run
from ingest.stimuli.kept_pictures import KeptPictures, kept_pictures
from warehouse.checking import check
from warehouse.errors import InputError, UsageError

CONCEPTS = ["dog", "red apple", "a word of its own"]


def pictures_in(folder: Path, count: int = 3) -> KeptPictures:
    """Pictures of noise and colour, as a pictures run would have kept them."""
    rng = np.random.default_rng(0)
    rows = []
    for place in range(count):
        file = folder / f"{place}.png"
        levels = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(levels).resize((120, 100), Image.Resampling.NEAREST).save(file)
        rows.append(
            {
                "stimulus_kind": "picture",
                "stimulus_text": CONCEPTS[place],
                "source_uri": str(file),
                "content_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "is_explicit": False,
            }
        )
    return KeptPictures("pictures run", pl.DataFrame(rows), tuple(CONCEPTS))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, KeptPictures]:
    folder = tmp_path_factory.mktemp("logits")
    pictures, path = pictures_in(folder), folder / "w.duckdb"
    job = LogitsJob(load_model("emoji-rn50"), pictures, CONCEPTS, arithmetic("cpu"))
    assert run(job, path).computed == 2
    assert run(LogitsJob(load_model("emoji-rn50"), pictures, CONCEPTS, arithmetic("cpu")), path).computed == 0
    return path, pictures


def stock_cosines(pictures: KeptPictures) -> torch.Tensor:
    """open_clip from file to cosine; its tokens by the bundled vocabulary."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{ASSETS / 'emoji-rn50'}")
    images = torch.stack([preprocess(Image.open(uri)) for uri in pictures.stimuli["source_uri"]])
    tokens = load_text_side(load_model("emoji-rn50")).tokens(CONCEPTS)
    with torch.no_grad():
        return model.eval().encode_image(images, normalize=True) @ model.encode_text(tokens, normalize=True).T


def test_rows_add_up_to_the_cosine_of_stock_open_clip(measured: tuple[Path, KeptPictures]) -> None:
    path, pictures = measured
    expected = stock_cosines(pictures)
    found = warehouse.query(
        "select content_sha256, concept_index, any_value(cosine) as cosine, "
        "sum(contribution) + any_value(constant_contribution) as units, "
        "sum(picture_cosines.shortcut_contribution - logit_contributions.shortcut_contribution * 512) as shortcut "
        "from logit_contributions inner join picture_cosines using (run_id, stimulus_id, concept) "
        "inner join stimuli using (stimulus_id) group by all",
        warehouse=path,
    )
    assert len(found) == expected.numel()
    place = {sha256: index for index, sha256 in enumerate(pictures.stimuli["content_sha256"])}
    for sha256, concept_index, cosine, units, shortcut in found.rows():
        wanted = float(expected[place[sha256], concept_index])
        assert cosine == pytest.approx(wanted, abs=1e-5)
        assert units == pytest.approx(wanted, abs=1e-5)
        assert shortcut == pytest.approx(0, abs=1e-2)


def test_projections_that_are_kept_are_those_of_the_factors(measured: tuple[Path, KeptPictures]) -> None:
    path, _ = measured
    over_heads = warehouse.query(
        "select max(abs(unit_projections.projection - projected.projection)) / max(abs(projected.projection)) "
        "as difference from unit_projections "
        "inner join (select unit_id, concept_index, sum(list_dot_product(head_value, head_text)) as projection "
        "from unit_heads inner join logit_concept_heads using (run_id, head_index) group by all) as projected "
        "using (unit_id, concept_index)",
        warehouse=path,
    )
    assert over_heads.item() < 1e-5
    first = warehouse.query(
        "select max(abs(head_words.projection - projected.projection)) / max(abs(projected.projection)), count(*) "
        "from head_words inner join (select unit_id, head_index, max(list_dot_product(head_value, head_text)) "
        "as projection from unit_heads inner join logit_concept_heads using (run_id, head_index) group by all) "
        "as projected using (unit_id, head_index) where concept_rank = 1",
        warehouse=path,
    )
    difference, count = first.row(0)
    assert difference < 1e-5
    assert count == 512 * 8


def test_a_run_passes_every_check(measured: tuple[Path, KeptPictures]) -> None:
    assert [result for result in check(measured[0]) if result.failing_count] == []


def test_silent_units_are_nulls_and_others_are_not(measured: tuple[Path, KeptPictures]) -> None:
    found = warehouse.query(
        "select count_if(shortcut_strengths is null) as silent, "
        "count_if(shortcut_strengths is not null and list_sum(shortcut_strengths) = 0 "
        "and list_sum(residual_strengths) = 0) as empty, count(*) as count from picture_strengths",
        warehouse=measured[0],
    )
    silent, empty, count = found.row(0)
    assert 0 < silent < count
    assert empty == 0


def test_a_picture_that_is_gone_is_left_out_and_none_at_all_an_error(tmp_path: Path) -> None:
    pictures, model = pictures_in(tmp_path), load_model("emoji-rn50")
    Path(pictures.stimuli["source_uri"][1]).unlink()
    job = LogitsJob(model, pictures, CONCEPTS, arithmetic("cpu"))
    run(job, tmp_path / "w.duckdb")
    assert job.unreadable == {1}
    count = warehouse.query("select count(*) from picture_embeddings", warehouse=tmp_path / "w.duckdb").item()
    assert count == 2
    for uri in (pictures.stimuli["source_uri"][0], pictures.stimuli["source_uri"][2]):
        Path(uri).unlink()
    with pytest.raises(InputError, match="of 3 pictures none"):
        run(LogitsJob(model, pictures, ["dog"], arithmetic("cpu")), tmp_path / "w.duckdb")


def test_a_template_without_a_place_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"write \{\} for the text"):
        load_text_side(load_model("emoji-rn50")).embeddings(["dog"], arithmetic("cpu"), "a photo")


def test_text_embeddings_are_those_of_stock_open_clip_with_and_without_a_template() -> None:
    side, texts = load_text_side(load_model("emoji-rn50")), ["dog", "cat"]
    model = open_clip.create_model(f"local-dir:{ASSETS / 'emoji-rn50'}").eval()
    with torch.no_grad():
        plain = model.encode_text(side.tokens(texts), normalize=True)
        framed = model.encode_text(side.tokens(["a dog!", "a cat!"]), normalize=True)
    torch.testing.assert_close(side.embeddings(texts, arithmetic("cpu")), plain, atol=1e-6, rtol=0)
    torch.testing.assert_close(side.embeddings(texts, arithmetic("cpu"), "a {}!"), framed, atol=1e-6, rtol=0)


def test_the_text_side_of_the_untrained_control_is_found_again() -> None:
    first, second = (load_text_side(load_model("emoji-rn50", "random", seed=3)) for _ in range(2))
    other = load_text_side(load_model("emoji-rn50", "random", seed=4))
    assert first.sha256() == second.sha256()
    assert first.sha256() != other.sha256()
    norms = torch.linalg.vector_norm(first.embeddings(["dog"], arithmetic("cpu")), dim=1)
    torch.testing.assert_close(norms, F.normalize(torch.ones(1, 1)).flatten(), atol=1e-6, rtol=0)


def test_a_file_without_pictures_names_the_command(tmp_path: Path, empty_warehouse: Path) -> None:
    for path in (tmp_path / "none.duckdb", empty_warehouse):
        with pytest.raises(InputError, match="clip-warehouse ingest pictures"):
            kept_pictures(path, load_model("emoji-rn50"), 3)
