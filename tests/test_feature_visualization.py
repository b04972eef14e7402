"""Feature visualisation: its objective and gradient against plain autograd through open_clip's own module."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor, nn
from torch.nn import functional as F

from ingest.features.optimisation import (
    Recipe,
    leaking,
    moved,
    moves,
    objective,
    optimised,
    pictures_of,
    start,
    stream,
    total_variation,
)
from ingest.network.trunk import forward, trunk_of
from test_capture import narrow

MEAN, STD = (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)
SHORT = Recipe(step_count=6, size_px=64, lightness=0.5)
LONGER = replace(SHORT, step_count=24)
LAYERS = ["1/0/1", "1/0/7", "2/1/3", "3/4/5", "4/0/8", "4/2/6"]


@pytest.fixture(scope="module")
def visual() -> ModifiedResNet:
    torch.manual_seed(0)
    return narrow(64).double()


def by_module(visual: ModifiedResNet, images: Tensor, layer_name: str) -> Tensor:
    """The layer's map by open_clip's own module, which a hook clones before its ReLU overwrites it; outputs leak."""
    block, bottleneck, op = map(int, layer_name.split("/"))
    module: nn.Module = getattr(visual, f"layer{block}")[bottleneck]
    part = {1: "bn1", 3: "bn2", 5: "bn3", 6: "act3", 7: "downsample", 8: "act3"}[op]
    kept: list[Tensor] = []
    hooked = getattr(module, part)
    if op in (6, 8):
        handle = hooked.register_forward_pre_hook(lambda _module, inputs: kept.append(inputs[0].clone()))
    else:
        handle = hooked.register_forward_hook(lambda _module, _inputs, output: kept.append(output.clone()))
    visual(images)
    handle.remove()
    return F.leaky_relu(kept[0], 0.1) if op in (6, 8) else kept[0]


@pytest.mark.parametrize("layer_name", LAYERS)
@pytest.mark.parametrize("aim", ["channel", "neuron"])
def test_objective_and_gradient_equal_autograd_through_open_clip(
    visual: ModifiedResNet, layer_name: str, aim: str
) -> None:
    torch.manual_seed(1)
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64, requires_grad=True)
    channels = torch.tensor([3, 1])
    ours = objective(leaking(trunk_of(visual, torch.float64), images, layer_name), channels, Recipe(objective=aim))
    (our_gradient,) = torch.autograd.grad(ours.sum(), images)

    maps = by_module(visual, images, layer_name)
    height, width = maps.shape[2:]
    centre = (slice(None), slice(None)) if aim == "channel" else ((height - 1) // 2, (width - 1) // 2)
    theirs = [maps[place, channel][centre].mean() for place, channel in enumerate((3, 1))]
    (their_gradient,) = torch.autograd.grad(sum(theirs), images)

    assert our_gradient.abs().max() > 0
    torch.testing.assert_close(ours, torch.stack(theirs), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(our_gradient, their_gradient, rtol=1e-8, atol=1e-12)


def test_the_pass_is_the_trunk_s_own_but_for_the_last_relu(visual: ModifiedResNet) -> None:
    trunk = trunk_of(visual)
    images = torch.randn(1, 3, 64, 64)
    for name, maps in forward(trunk, images):
        ours = leaking(trunk, images, name)
        torch.testing.assert_close(ours.relu() if name[-1] in "68" else ours, maps)


def test_the_same_seed_gives_the_same_picture_whatever_its_neighbours(visual: ModifiedResNet) -> None:
    trunk = trunk_of(visual)
    together = optimised(trunk, "3/1/6", [4, 7, 9, 2, 30], LONGER, MEAN, STD, width=6).int()
    alone = optimised(trunk, "3/1/6", [9], LONGER, MEAN, STD, width=6).int()
    other = optimised(trunk, "3/1/6", [9], replace(LONGER, seed=1), MEAN, STD).int()
    assert torch.equal(together[2], alone[0])
    assert (other - alone).abs().float().mean() > 0.5
    assert (together[0] - together[1]).abs().float().mean() > 0.5


def test_steps_make_the_unit_s_answer_larger(visual: ModifiedResNet) -> None:
    trunk = trunk_of(visual)
    channels = [0, 5, 11]

    def answers(steps: int) -> Tensor:
        pictures = optimised(trunk, "2/1/6", channels, replace(SHORT, step_count=steps), MEAN, STD)
        images = (pictures.permute(0, 3, 1, 2) / 255 - torch.tensor(MEAN).reshape(3, 1, 1)) / torch.tensor(STD).reshape(
            3, 1, 1
        )
        return objective(leaking(trunk, images, "2/1/6"), torch.tensor(channels), SHORT)

    assert (answers(24) > answers(1)).all()


def test_of_several_starts_the_one_that_drives_its_unit_most_goes_on(
    visual: ModifiedResNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk = trunk_of(visual)
    recipe = replace(SHORT, step_count=3, start_count=4)  # no early steps: the starts themselves are compared
    mean, std = (torch.tensor(of).reshape(1, 3, 1, 1) for of in (MEAN, STD))

    def answer(number: int) -> float:
        picture = pictures_of(start(stream(0, "2/1/6/5", number), 64)[None], recipe)
        return objective(leaking(trunk, (picture - mean) / std, "2/1/6"), torch.tensor([5]), recipe).item()

    best = max(range(4), key=answer)
    chosen = optimised(trunk, "2/1/6", [5], recipe, MEAN, STD)
    monkeypatch.setattr("ingest.features.optimisation.stream", lambda seed, name, _number: stream(seed, name, best))
    assert torch.equal(chosen, optimised(trunk, "2/1/6", [5], replace(recipe, start_count=1), MEAN, STD))
    assert best != 0


def test_a_scale_of_the_unit_changes_nothing(visual: ModifiedResNet) -> None:
    """The picture depends on what a unit looks for, not on how loudly it answers."""
    trunk = trunk_of(visual)
    last = trunk.bottlenecks[2]
    louder = replace(last, conv3=replace(last.conv3, weight=last.conv3.weight * 16, shift=last.conv3.shift * 16))
    changed = replace(trunk, bottlenecks=(*trunk.bottlenecks[:2], louder, *trunk.bottlenecks[3:]))
    soft, loud = (optimised(which, "1/2/5", [3], SHORT, MEAN, STD).int() for which in (trunk, changed))
    assert (soft - loud).abs().max() <= 1


def test_a_spectrum_of_one_frequency_is_a_wave_of_one_colour() -> None:
    recipe = Recipe(size_px=16, lightness=0.5)
    spectrum = torch.zeros(1, 3, 16, 9, 2)
    spectrum[0, 0, 0, 2, 0] = 5
    (picture,) = pictures_of(spectrum, recipe)
    wave = torch.logit(picture)
    assert torch.allclose(wave[0], wave[0, :1].expand(16, 16), atol=1e-5)
    expected = torch.cos(2 * math.pi * 2 * torch.arange(16) / 16)
    assert torch.allclose(wave[0, 0] / wave[0, 0, 0], expected, atol=1e-4)
    assert (wave[:, 0, 0] / wave[0, 0, 0]).tolist() == pytest.approx([1, 0.27 / 0.26, 0.27 / 0.26], rel=1e-3)


def test_higher_frequencies_start_weaker_by_the_power_of_decay() -> None:
    def height(frequency: int) -> float:
        spectrum = torch.zeros(1, 3, 16, 9, 2)
        spectrum[0, 0, 0, frequency, 0] = 5
        return torch.logit(pictures_of(spectrum, Recipe(size_px=16, decay_power=1.5, lightness=0.5)))[0, 0, 0, 0].item()

    assert height(1) / height(4) == pytest.approx(4**1.5, rel=1e-3)


def test_moves_keep_within_the_recipe_and_leave_a_still_picture_alone() -> None:
    wild = moves(stream(0, "4/2/6/0"), Recipe(step_count=2_000, rotation_degrees=20, zoom=1.5, jitter=0.1))
    zooms = torch.linalg.det(wild[:, :, :2]).sqrt()
    angles = torch.rad2deg(torch.atan2(wild[:, 1, 0], wild[:, 0, 0]))
    assert 1 / 1.5 <= zooms.min() < 0.75 < 1.35 < zooms.max() <= 1.5
    assert -20 <= angles.min() < -18 < 18 < angles.max() <= 20
    assert wild[:, :, 2].abs().max() <= 0.2
    assert wild[0].sub(torch.eye(2, 3)).abs().max() > 0.1
    assert wild[1200:1400].sub(torch.eye(2, 3)).abs().max() < 0.1
    assert torch.equal(wild[1400:], torch.eye(2, 3).expand(600, 2, 3))
    still = moves(stream(0, "4/2/6/0"), Recipe(step_count=1, rotation_degrees=0, zoom=1, jitter=0))
    picture = torch.rand(1, 3, 8, 8)
    torch.testing.assert_close(moved(picture, still, 8), picture)


def test_a_shift_moves_by_whole_pixels() -> None:
    picture = torch.rand(1, 3, 8, 8)
    shift = torch.tensor([[[1.0, 0, 2 * 2 / 8], [0, 1, 0]]])
    torch.testing.assert_close(moved(picture, shift, 8)[..., :6], picture[..., 2:])


def test_total_variation_counts_steps_between_neighbours() -> None:
    picture = torch.zeros(1, 3, 4, 4)
    picture[..., 2:] = 1
    assert total_variation(picture).tolist() == pytest.approx([1 / 3])


def test_start_is_nearly_even_and_differs_from_unit_to_unit() -> None:
    recipe = Recipe(size_px=32, lightness=0.6)
    first, second = (start(stream(0, f"4/2/6/{channel}"), 32) for channel in (0, 1))
    assert not torch.equal(first, second)
    assert np.abs(pictures_of(first[None], recipe).numpy() - 0.6).max() < 0.25
