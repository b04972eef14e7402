"""The features job on the bundled model: what is stored, against open_clip's own module and preprocessing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import open_clip
import polars as pl
import pytest
import torch
from open_clip.transform import PreprocessCfg
from PIL import Image

import warehouse
from ingest.features import job as features
from ingest.features.job import FeaturesJob
from ingest.features.optimisation import Recipe
from ingest.network.device import arithmetic
from ingest.network.model import ClipModel, load_model
from ingest.network.unit_selection import cut_units, few_units, named_units, select_units
from ingest.runs.loop import run
from test_capture import hooked
from warehouse.checking import check
from warehouse.errors import UnknownChannel, UnknownLayer, UsageError

RECIPE = Recipe(step_count=2, size_px=64)
UNITS = "2/0/7/1,4/2/6/9,4/2/6/3"


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model("emoji-rn50")


def job(model: ClipModel, units: str = UNITS, recipe: Recipe = RECIPE) -> FeaturesJob:
    return FeaturesJob(model, select_units(model.layers, units), arithmetic("cpu"), recipe)


def stored(path: Path) -> pl.DataFrame:
    return warehouse.query(
        "select feature_visualizations.*, unit_name, channel_index, layer_name from feature_visualizations "
        "inner join units using (unit_id) inner join layers using (layer_id) order by unit_id",
        warehouse=path,
    )


@pytest.mark.parametrize("size_px", [64, 96, 80])
def test_what_is_stored_is_what_open_clip_answers_to_the_stored_picture(
    size_px: int, model: ClipModel, tmp_path: Path
) -> None:
    run(job(model, recipe=replace(RECIPE, size_px=size_px)), tmp_path / "w.duckdb")
    rows = stored(tmp_path / "w.duckdb")
    assert rows["unit_name"].to_list() == ["2/0/7/1", "4/2/6/3", "4/2/6/9"]
    assert rows.select("source", "objective").unique().rows() == [("optimised", "channel")]
    settings = PreprocessCfg(size=model.image_size_px, mean=model.image_mean, std=model.image_std)
    preprocess = open_clip.transform.image_transform_v2(settings, is_train=False)
    for row in rows.iter_rows(named=True):
        picture = Image.open(BytesIO(row["image"]))
        assert (picture.format, picture.size) == ("WEBP", (size_px, size_px))
        maps = hooked(model.visual, preprocess(picture)[None])[row["layer_name"]][0, row["channel_index"]]
        assert row["activation_mean"] == pytest.approx(maps.mean().item(), rel=1e-4, abs=1e-5)
        assert row["activation_max"] == pytest.approx(maps.max().item(), rel=1e-4, abs=1e-5)
        assert row["content_sha256"] == hashlib.sha256(row["image"]).hexdigest()
    assert all(not result.failing_count for result in check(tmp_path / "w.duckdb"))


def test_the_stored_picture_has_every_value_of_the_optimised_one(model: ClipModel) -> None:
    pixels = torch.randint(0, 256, (16, 16, 3), dtype=torch.uint8).numpy()
    (read,) = [Image.open(BytesIO(features.lossless_webp(Image.fromarray(pixels))))]
    assert read.convert("RGB").tobytes() == pixels.tobytes()


def test_a_killed_run_goes_on_and_ends_with_the_same_pictures(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "UNITS_PER_SHARD", 1)
    run(job(model), tmp_path / "whole.duckdb")
    killed = job(model)
    compute = killed.compute

    def until_killed(shard_index, begun, advance):
        if shard_index == 2:
            raise KeyboardInterrupt
        return compute(shard_index, begun, advance)

    monkeypatch.setattr(killed, "compute", until_killed)
    with pytest.raises(KeyboardInterrupt):
        run(killed, tmp_path / "killed.duckdb")
    assert len(stored(tmp_path / "killed.duckdb")) == 2
    outcome = run(job(model), tmp_path / "killed.duckdb")
    assert (outcome.computed, outcome.found) == (1, 2)
    columns = ["unit_name", "content_sha256", "activation_mean"]
    assert stored(tmp_path / "killed.duckdb").select(columns).equals(stored(tmp_path / "whole.duckdb").select(columns))
    assert run(job(model), tmp_path / "killed.duckdb").computed == 0


def test_units_are_named_by_layer_by_address_and_in_a_file(model: ClipModel, tmp_path: Path) -> None:
    def names(text: str) -> list[str]:
        return [name for units in select_units(model.layers, text) for name in units.names]

    assert names("4/2/6/34, 4/2/6/2,1/0/1/0,4/2/6/2") == ["1/0/1/0", "4/2/6/2", "4/2/6/34"]
    assert len(names("4/2/6")) == 512
    assert len(names("4/2/6,4/2/6/3")) == 512
    (tmp_path / "units.csv").write_text("unit_name\n4/2/6/3\n\n4/2/5\n")
    assert len(names(named_units(str(tmp_path / "units.csv")))) == 513
    assert names(few_units(model.layers)) == [f"4/2/6/{21 * number}" for number in range(24)]


@pytest.mark.parametrize(
    ("text", "error"),
    [("4/9/6", UnknownLayer), ("4/2/6/512", UnknownChannel), ("hat", UnknownLayer), (" , ", UsageError)],
)
def test_a_unit_that_the_model_does_not_have_is_a_usage_error(text: str, error: type, model: ClipModel) -> None:
    with pytest.raises(error):
        select_units(model.layers, text)


def test_shards_hold_units_of_one_layer(model: ClipModel) -> None:
    shards = cut_units(select_units(model.layers, "4/2/5/0,4/2/6/0,4/2/6/1,4/2/6/2"), 2)
    assert [shard.names for shard in shards] == [["4/2/5/0"], ["4/2/6/0", "4/2/6/1"], ["4/2/6/2"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"step_count": 0}, "--steps 0"),
        ({"size_px": 7}, "--size 7"),
        ({"objective": "layer"}, "no objective 'layer'"),
        ({"lightness": 1.0}, "--lightness 1.0"),
    ],
)
def test_a_recipe_that_makes_no_picture_is_a_usage_error(change: dict, said: str, model: ClipModel) -> None:
    with pytest.raises(UsageError, match=said):
        job(model, recipe=replace(RECIPE, **change))
