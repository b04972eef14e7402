"""Lucid's recipe and the bundled model's: what differs, which model uses which, and that old runs are found again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from torch.nn import functional as F

import warehouse
from clip_warehouse import main
from ingest.features.optimisation import Recipe, leaking, moved, moves, optimised, stream
from ingest.features.recipes import LucidRecipe, recipe_name
from ingest.network.trunk import trunk_of
from test_capture import narrow
from test_feature_visualization import MEAN, STD, by_module

# The fields of a recipe are hashed into runs that people have in their files.
AS_IT_WAS = {
    "objective": "channel",
    "step_count": 256,
    "start_count": 3,
    "size_px": 64,
    "seed": 0,
    "lightness": 0.9,
    "learning_rate": 0.15,
    "decay_power": 1.5,
    "jitter": 0.1,
    "rotation_degrees": 12.0,
    "zoom": 1.25,
    "variation": 3.0,
}


@pytest.fixture(scope="module")
def visual() -> ModifiedResNet:
    torch.manual_seed(0)
    return narrow(64).double()


def test_the_bundled_models_recipe_is_what_it_was() -> None:
    assert asdict(Recipe()) == AS_IT_WAS
    assert set(asdict(LucidRecipe())) - set(AS_IT_WAS) == {"method"}


def test_only_the_bundled_model_has_a_recipe_of_its_own() -> None:
    names = {name: recipe_name(name) for name in ("emoji-rn50", "RN50", "RN101-quickgelu", "local-dir:/models/mine")}
    assert names.pop("emoji-rn50") == "bundled"
    assert set(names.values()) == {"lucid"}


def test_a_run_of_before_is_found_again_and_lucids_is_another(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "w.duckdb"
    features = ["ingest", "features", "--units", "1/0/1/3", "--steps", "2", "--starts", "1", "--warehouse", str(path)]
    assert main([*features, "--recipe", "bundled"]) == 0
    assert main(features) == 0
    assert "run 1 is complete" in capsys.readouterr().err
    assert main([*features, "--recipe", "lucid"]) == 0
    settings = warehouse.query("select settings from runs order by run_id", warehouse=path)["settings"]
    first, second = (json.loads(text)["recipe"] for text in settings)
    assert first == AS_IT_WAS | {"size_px": 96, "step_count": 2, "start_count": 1}
    assert second == asdict(LucidRecipe(size_px=96, step_count=2))


def test_lucids_movements_do_not_die_down_and_keep_within_bounds() -> None:
    last = moves(stream(0, "4/2/6/0"), LucidRecipe(step_count=1_000))[700:]
    zooms = torch.linalg.det(last[:, :, :2]).sqrt()
    angles = torch.rad2deg(torch.atan2(last[:, 1, 0], last[:, 0, 0]))
    assert 1 / 1.1 <= zooms.min() < 0.93 < 1.07 < zooms.max() <= 1.1
    assert -10 <= angles.min() < -9 < 9 < angles.max() <= 10
    assert 2 * 5 / 224 < last[:, :, 2].abs().max() <= 2 * 6 / 224


def test_beyond_the_edge_lies_grey() -> None:
    picture = torch.rand(1, 3, 8, 8)
    shift = torch.tensor([[[1.0, 0, 2 * 2 / 8], [0, 1, 0]]])
    seen = moved(picture, shift, 8, is_on_grey=True)
    torch.testing.assert_close(seen[..., :6], picture[..., 2:])
    torch.testing.assert_close(seen[..., 6:], torch.full((1, 3, 8, 2), 0.5))


@pytest.mark.parametrize("layer_name", ["4/0/8", "4/2/6"])
def test_a_blocks_output_is_taken_before_its_relu(visual: ModifiedResNet, layer_name: str) -> None:
    torch.manual_seed(1)
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    ours = leaking(trunk_of(visual, torch.float64), images, layer_name, LucidRecipe().leak)
    assert (ours < 0).any()
    torch.testing.assert_close(F.leaky_relu(ours, 0.1), by_module(visual, images, layer_name))


def test_the_picture_drives_its_unit_further_than_the_start(visual: ModifiedResNet) -> None:
    trunk = trunk_of(visual, torch.float64).to("cpu", torch.float32)
    answers = []
    for count in (1, 40):
        (picture,) = optimised(trunk, "4/2/5", [5], LucidRecipe(step_count=count), MEAN, STD)
        shown = (picture.permute(2, 0, 1)[None] / 255 - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[
            :, None, None
        ]
        answers.append(leaking(trunk, shown, "4/2/5")[0, 5].mean().item())
    assert answers[1] > answers[0]
