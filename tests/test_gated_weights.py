"""Gated expanded weights against hooks and automatic differentiation on open_clip's own modules, ReLUs and all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor

from ingest.expansion.expanded_weights import Sweep
from ingest.expansion.gated_sweep import GatedSweep, derivatives, unit_derivatives
from ingest.expansion.gates import ShownPictures, freeze
from ingest.expansion.supports import path_below
from ingest.network.layers import layers_of
from ingest.network.model import load_model
from ingest.network.trunk import Trunk, trunk_of
from tests.helpers import stock
from warehouse.errors import NoPath, UnknownChannel

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
SMALL = ((2, 2, 2, 2), 8, 64)
ODD = ((1, 2, 2, 2), 8, 97)  # maps of 24, 12, 6 and 3 positions, with 25 and 13 cut to them
RN50 = ((3, 4, 6, 3), 8, 224)  # its bottlenecks and maps, an eighth of its channels
CHANNELS = [3, 4, 9]


@cache
def visual_of(shape: tuple | str) -> ModifiedResNet:
    if isinstance(shape, str):
        return load_model(shape).visual.double()
    return stock.random_visual(*shape)


@cache
def trunk(shape: tuple | str, dtype: torch.dtype = torch.float64) -> Trunk:
    return trunk_of(visual_of(shape), dtype)


@cache
def images_of(shape: tuple | str, count: int = 2) -> Tensor:
    size = trunk(shape).image_size_px
    return torch.randn(count, 3, size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@cache
def ran(shape: tuple | str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    return stock.run(visual_of(shape), images_of(shape).clone().requires_grad_())


def jacobian(shape: tuple | str, lower: str, upper: str, channels: Sequence[int] = CHANNELS) -> Tensor:
    """J [U, N, H, W, L] on whole maps."""
    return jacobians(shape, upper, tuple(channels))[lower]


@lru_cache(maxsize=8)
def jacobians(
    shape: tuple | str, upper: str, channels: tuple[int, ...], lowers: tuple[str, ...] = ()
) -> dict[str, Tensor]:
    """The same of all layers below, or of some: one backward pass a channel gives them all."""
    flows, read = ran(shape)
    names = lowers or tuple(path_below(trunk(shape), upper).supports)
    below = [flows[name] for name in names]
    rows = [torch.autograd.grad(read[upper][:, c].sum(), below, retain_graph=True) for c in channels]
    return {
        name: torch.stack(each).permute(0, 1, 3, 4, 2)
        for name, each in zip(names, zip(*rows, strict=True), strict=True)
    }


def pictures(shape: tuple | str, dtype: torch.dtype = torch.float64) -> ShownPictures:
    return ShownPictures(trunk(shape, dtype), images_of(shape).split(1))


def off_by(found: Tensor, expected: Tensor) -> float:
    """Largest norm of a target's difference, relative to the norm of what is expected."""
    difference = (found.double() - expected).flatten(1).norm(dim=1)
    return float((difference / expected.flatten(1).norm(dim=1)).max())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(
    "upper", ["4/1/6", "4/0/8", "4/0/7", "4/1/5", "4/1/3", "4/0/5", "4/0/3", "4/0/1", "2/0/5", "1/0/8"]
)
@pytest.mark.parametrize("shape", [SMALL, ODD], ids=["64px", "97px"])
def test_derivatives_of_units_equal_automatic_differentiation(shape: tuple, upper: str, dtype: torch.dtype) -> None:
    shown = freeze(trunk(shape, dtype), images_of(shape))
    seen = set()
    for name, rows, found in unit_derivatives(trunk(shape, dtype), shown, upper, CHANNELS):
        assert off_by(found, jacobian(shape, name, upper)[rows]) < TOLERANCE[dtype], name
        seen.add(name)
    assert seen == set(path_below(trunk(shape), upper).supports)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [("3/5/6", "4/2/6"), ("4/0/3", "4/2/5"), ("3/0/1", "4/0/8"), ("3/0/7", "3/1/5"), ("2/3/5", "3/0/8")],
)
@pytest.mark.parametrize("shape", [RN50, "emoji-rn50"], ids=["RN50", "bundled"])
def test_derivatives_at_a_real_size(shape: tuple | str, lower: str, upper: str) -> None:
    shown = freeze(trunk(shape), images_of(shape))
    for name, rows, found in unit_derivatives(trunk(shape), shown, upper, CHANNELS, [lower]):
        assert off_by(found, jacobians(shape, upper, tuple(CHANNELS), (lower,))[name][rows]) < 1e-10


@pytest.mark.parametrize("upper", ["4/1/6", "4/0/8", "3/1/6"])
def test_the_way_down_begins_with_any_map(upper: str) -> None:
    flows, _ = ran(ODD)
    seeds = torch.randn(2, *flows[upper].permute(0, 2, 3, 1).shape, dtype=torch.float64)
    targets = [(flows[upper].permute(0, 2, 3, 1) * seed).sum() for seed in seeds]
    kept = seeds.clone()
    shown = freeze(trunk(ODD), images_of(ODD))
    for name, rows, found in derivatives(trunk(ODD), shown, upper, seeds):
        grads = [torch.autograd.grad(target, flows[name], retain_graph=True)[0] for target in targets[rows]]
        assert off_by(found, torch.stack(grads).permute(0, 1, 3, 4, 2)) < 1e-10, name
    assert torch.equal(seeds, kept)


def test_what_flows_on_and_gates_are_the_modules_own() -> None:
    names = [layer.layer_name for layer in layers_of(trunk(ODD))]
    shown = freeze(trunk(ODD), images_of(ODD), names)
    for name, flow in ran(ODD)[0].items():
        torch.testing.assert_close(shown.flows[name].permute(0, 3, 1, 2), flow.detach(), rtol=1e-10, atol=1e-10)
        if name in shown.gates:
            assert torch.equal(shown.gates[name].permute(0, 3, 1, 2), flow > 0)
    means = pictures(ODD).means(names)
    for name, flow in ran(ODD)[0].items():
        torch.testing.assert_close(means[name], flow.detach().mean((0, 2, 3)), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("upper", ["4/1/6", "4/1/5", "4/0/8", "3/1/3"])
def test_one_sweep_means_over_pictures(upper: str, dtype: torch.dtype) -> None:
    shown = pictures(ODD, dtype)
    values = shown.means(list(path_below(trunk(ODD), upper).supports))
    channels = range(3, 6)
    for block in GatedSweep(shown, upper, values=values).measure(channels):
        name = block.lower.layer_name
        each = jacobian(ODD, name, upper, channels)
        mean = each.mean(1)
        flow = ran(ODD)[0][name].detach().permute(0, 2, 3, 1)
        effects = (each * (flow - values[name].double())).sum((2, 3))
        for found, expected in (
            (block.weight_sum, mean.sum((1, 2))),
            (block.weight_l1, mean.abs().sum((1, 2))),
            (block.weight_l2, mean.square().sum((1, 2)).sqrt()),
            (block.effect_mean, effects.mean(1)),
            (block.effect_absolute_mean, effects.abs().mean(1)),
        ):
            scale = max(float(expected.abs().max()), float(mean.abs().sum((1, 2)).max()))
            assert np.abs(found - expected.numpy()).max() < TOLERANCE[dtype] * scale, name


def test_weights_over_one_picture_are_its_derivative_and_kernels_are_kept() -> None:
    one = ShownPictures(trunk(SMALL), images_of(SMALL)[:1].split(1))
    channels = range(3, 6)
    for lower in ("4/0/3", "3/1/6", "1/0/1"):
        sweep = GatedSweep(one, "4/1/5", [lower], kernel_count=3)
        support = sweep.path.supports[lower]
        whole = support.of(jacobian(SMALL, lower, "4/1/5", channels)[:, 0]).permute(0, 3, 1, 2).numpy()
        np.testing.assert_allclose(
            sweep.kernels(lower, channels).weights, whole, rtol=0, atol=1e-10 * np.abs(whole).max()
        )
        (block,) = sweep.measure(channels)
        strongest = np.argsort(-np.sqrt(np.square(whole).sum((2, 3))), axis=1, kind="stable")[:, :3]
        np.testing.assert_array_equal(block.strongest, strongest)
        chosen = np.take_along_axis(whole, strongest[:, :, None, None], axis=1)
        np.testing.assert_allclose(block.kernels, chosen, rtol=0, atol=1e-10 * np.abs(whole).max())


def test_neighbours_without_a_relu_are_the_linear_ones() -> None:
    for lower, upper in (("4/1/1", "4/1/3"), ("4/1/3", "4/1/5"), ("4/0/8", "4/1/1"), ("4/0/3", "4/0/8")):
        (gated,) = GatedSweep(pictures(SMALL), upper, [lower]).measure(range(5))
        (linear,) = Sweep(trunk(SMALL), upper, [lower]).measure(range(5))
        np.testing.assert_allclose(gated.weight_sum, linear.weight_sum, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(gated.weight_l2, linear.weight_l2, rtol=1e-10, atol=1e-12)


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(NoPath):
        GatedSweep(pictures(SMALL), "4/0/5", ["4/0/7"])
    with pytest.raises(UnknownChannel):
        GatedSweep(pictures(SMALL), "4/1/5", ["4/0/8"]).measure(range(250, 260))
    assert GatedSweep(pictures(SMALL), "1/0/1").measure(range(3)) == ()
