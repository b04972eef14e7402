"""Expanded weights against automatic differentiation of open_clip's own modules with every ReLU left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor, nn

from ingest.expansion.expanded_weights import Sweep, expanded_weights
from ingest.expansion.supports import path_below
from ingest.network.trunk import Trunk, trunk_of
from warehouse.errors import NoPath, UnknownChannel, UnknownLayer

pytestmark = pytest.mark.usefixtures("two_threads")
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
RN50 = ((3, 4, 6, 3), 64, 224)
SMALL = ((2, 2, 2, 2), 8, 64)
ODD = ((1, 2, 2, 2), 8, 97)  # maps of 24, 12, 6 and 3 positions, with 25 and 13 cut to them
OTHER_ODD = ((2, 1, 2, 1), 8, 75)

RN50_PAIRS = [
    ("4/2/3", "4/2/5"),  # 1x1 only
    ("4/2/1", "4/2/5"),  # across a 3x3
    ("4/1/6", "4/2/5"),
    ("4/1/3", "4/1/6"),
    ("4/0/3", "4/0/5"),  # across a pool
    ("3/5/6", "4/0/7"),  # bottleneck 0's shortcut as upper layer
    ("4/0/7", "4/1/5"),  # and as lower
    ("3/5/6", "4/0/8"),  # both ways of a bottleneck with a stride
    ("4/1/6", "4/2/6"),  # both ways of one without
    ("3/4/3", "4/2/3"),  # several bottlenecks, a truncated support
    ("1/0/1", "1/0/8"),  # the stem's side of block 1
    ("1/0/1", "2/0/5"),
    ("1/0/8", "2/0/8"),  # a whole block
]
SMALL_PAIRS = [
    ("1/0/1", "4/1/6"),
    ("1/0/8", "3/1/5"),
    ("1/0/7", "2/0/8"),
    ("2/0/3", "3/0/5"),
    ("2/0/8", "3/0/7"),
    ("2/0/1", "2/0/3"),
    ("3/0/3", "4/0/1"),
    ("1/0/5", "4/0/8"),
]


@cache
def visual_of(layers: tuple[int, ...], width: int, image_size: int) -> ModifiedResNet:
    """A ModifiedResNet with random weights and random batch-norm statistics; both signs of gamma."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        visual = ModifiedResNet(list(layers), 32, 2, image_size, width)
        for module in visual.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_var, 0.5, 2)
                nn.init.normal_(module.running_mean)
                nn.init.normal_(module.bias)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                module.weight.data *= torch.randn_like(module.weight).sign()
    return visual.double().eval()


@cache
def trunk(shape: tuple, dtype: torch.dtype = torch.float64) -> Trunk:
    return trunk_of(visual_of(*shape), dtype)


@cache
def maps_of(shape: tuple) -> dict[str, Tensor]:
    """Every layer's map [1, C, H, W] of one image, with the graph that leads to it."""
    visual = visual_of(*shape)
    image = torch.randn(1, 3, shape[2], shape[2], dtype=torch.float64, requires_grad=True)
    return dict(_linear_maps(visual, image))


def _linear_maps(visual: ModifiedResNet, maps: Tensor) -> Iterator[tuple[str, Tensor]]:
    for i in (1, 2, 3):
        maps = getattr(visual, f"bn{i}")(getattr(visual, f"conv{i}")(maps))
    maps = visual.avgpool(maps)
    for block_index in (1, 2, 3, 4):
        for bottleneck_index, module in enumerate(getattr(visual, f"layer{block_index}")):
            name = f"{block_index}/{bottleneck_index}"
            out = module.bn1(module.conv1(maps))
            yield f"{name}/1", out
            out = module.bn2(module.conv2(out))
            yield f"{name}/3", out
            out = module.bn3(module.conv3(module.avgpool(out)))
            yield f"{name}/5", out
            if module.downsample is not None:
                maps = module.downsample(maps)
                yield f"{name}/7", maps
            maps = out + maps
            yield f"{name}/{6 if module.downsample is None else 8}", maps


def whole_maps(shape: tuple, lower: str, upper: str, channels: range) -> np.ndarray:
    """The derivative on the lower layer's whole map, [U, L, H, W]."""
    return whole_maps_below(shape, upper, channels, (lower,) if shape == RN50 else ())[lower]


@lru_cache(maxsize=8)
def whole_maps_below(shape: tuple, upper: str, channels: range, lowers: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The same of all layers below, or of some: one backward pass a channel gives them all."""
    maps = maps_of(shape)
    names = lowers or tuple(path_below(trunk(shape), upper).supports)
    below = [maps[name] for name in names]
    height, width = maps[upper].shape[2:]
    centres = maps[upper][0, :, (height - 1) // 2, (width - 1) // 2]
    rows = [torch.autograd.grad(centres[channel], below, retain_graph=True) for channel in channels]
    return dict(zip(names, (torch.cat(each).numpy() for each in zip(*rows, strict=True)), strict=True))


def on_support(whole: np.ndarray, shape: tuple, lower: str, upper: str) -> np.ndarray:
    support = path_below(trunk(shape), upper).supports[lower]
    rows, columns = slice(support.top, support.top + support.height), slice(support.left, support.left + support.width)
    inside = whole[..., rows, columns]
    assert np.count_nonzero(whole) == np.count_nonzero(inside)
    return inside


def error(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest norm of an upper channel's difference, relative to the norm of what is expected."""
    difference = (found.astype(np.float64) - expected).reshape(len(expected), -1)
    return float(
        (np.linalg.norm(difference, axis=1) / np.linalg.norm(expected.reshape(len(expected), -1), axis=1)).max()
    )


def cases() -> list:
    pairs = [(RN50, *pair) for pair in RN50_PAIRS]
    pairs += [(shape, *pair) for shape in (SMALL, ODD, OTHER_ODD) for pair in SMALL_PAIRS if exists(shape, *pair)]
    return [pytest.param(*case, id=f"{case[0][2]}px-{case[1]}-{case[2]}") for case in pairs]


def exists(shape: tuple, lower: str, upper: str) -> bool:
    return all(int(name.split("/")[1]) < shape[0][int(name[0]) - 1] for name in (lower, upper))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("shape", "lower", "upper"), cases())
def test_kernels_equal_automatic_differentiation(shape: tuple, lower: str, upper: str, dtype: torch.dtype) -> None:
    channels = range(3, 6)
    expected = whole_maps(shape, lower, upper, channels)
    found = expanded_weights(trunk(shape, dtype), lower, upper, upper_channels=channels)
    assert error(found.weights, on_support(expected, shape, lower, upper)) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("upper", ["4/1/6", "4/0/8", "4/0/7", "4/1/5", "4/1/3", "4/0/5", "4/0/3", "4/0/1", "2/0/5"])
def test_one_sweep_measures_every_lower_layer(upper: str, dtype: torch.dtype) -> None:
    shape = (2, 2, 2, 2), 8, 97
    channels = range(2, 12)
    for block in Sweep(trunk(shape, dtype), upper).measure(channels):
        whole = whole_maps(shape, block.lower.layer_name, upper, channels)
        sums, absolute = whole.sum((2, 3)), np.abs(whole).sum((2, 3))
        assert np.abs(block.weight_sum - sums).max() < TOLERANCE[dtype] * absolute.max()
        assert error(block.weight_l1, absolute) < TOLERANCE[dtype]
        assert error(block.weight_l2, np.sqrt(np.square(whole).sum((2, 3)))) < TOLERANCE[dtype]


@pytest.mark.parametrize("upper", ["4/1/6", "4/0/8", "4/0/7", "4/1/1", "3/1/3", "2/0/5", "1/1/5", "1/0/8"])
@pytest.mark.parametrize("image_size", [64, 97, 75])
def test_supports_are_where_the_derivative_is_not_zero(upper: str, image_size: int) -> None:
    shape = (2, 2, 2, 2), 8, image_size
    supports = path_below(trunk(shape), upper).supports
    for lower, support in supports.items():
        whole = whole_maps(shape, lower, upper, range(3, 4))
        inside = on_support(whole, shape, lower, upper)
        if lower[:4] != upper[:4]:  # 6/8 -> 5 and 7 is the identity: most channels are zero
            assert np.count_nonzero(inside.any((0, 1))) == support.cell_count, lower


def test_supports_of_rn50() -> None:
    supports = path_below(trunk(RN50), "4/2/5").supports
    assert [(supports[name].height, supports[name].is_truncated) for name in ("4/2/3", "4/1/6", "4/0/8", "4/0/3")] == [
        (1, False),
        (3, False),
        (5, False),
        (10, False),
    ]
    assert supports["3/5/6"].cell_count == 12 * 12
    assert not supports["3/5/6"].is_truncated
    assert supports["3/4/6"].cell_count == 14 * 14
    assert not supports["3/4/6"].is_truncated
    assert supports["3/3/6"].is_truncated
    assert len(supports) == 66  # 68 layers without 4/2/5 and 4/2/6


def test_layers_without_a_path_are_refused_alone_and_left_out_of_all() -> None:
    reached = path_below(trunk(SMALL), "4/0/5").supports
    assert list(reached)[:3] == ["4/0/3", "4/0/1", "3/1/6"]
    for lower in ("4/0/7", "4/0/8", "4/0/5", "4/1/6"):
        with pytest.raises(NoPath, match=f"no path from {lower} to 4/0/5: .*nearest first, are 4/0/3"):
            Sweep(trunk(SMALL), "4/0/5", [lower])
    for op_index in (1, 3, 5):
        with pytest.raises(NoPath):
            expanded_weights(trunk(SMALL), f"4/0/{op_index}", "4/0/7")
    assert next(iter(path_below(trunk(SMALL), "4/0/7").supports)) == "3/1/6"
    with pytest.raises(UnknownLayer):
        Sweep(trunk(SMALL), "4/7/5")
    with pytest.raises(UnknownChannel, match="no channel 64 in 4/0/3: it has 64"):
        expanded_weights(trunk(SMALL), "4/0/1", "4/0/3", upper_channels=range(60, 65))
    with pytest.raises(UnknownChannel):
        expanded_weights(trunk(SMALL), "4/0/1", "4/0/3", lower_channels=[-1])
    assert Sweep(trunk(SMALL), "1/0/1").measure(range(3)) == ()


def test_blocks_of_channels_do_not_change_what_is_measured() -> None:
    sweep = Sweep(trunk(ODD), "4/1/5")
    assert sweep.blocks(200) == (range(0, 200), range(200, 256))
    whole = {block.lower: block for block in sweep.measure(range(190, 220))}
    for block in sweep.measure(range(200, 210)):
        np.testing.assert_allclose(block.weight_l1, whole[block.lower].weight_l1[10:20], rtol=1e-12)
    assert {block.lower.layer_name for block in sweep.measure(range(1))} == set(sweep.path.supports)


def test_norms_bound_one_another() -> None:
    for block in Sweep(trunk(SMALL, torch.float32), "4/1/6").measure(range(64)):
        slack = 1 + 1e-5
        assert (block.weight_l2 <= block.weight_l1 * slack).all()
        assert (block.weight_l1 <= block.weight_l2 * block.support.cell_count**0.5 * slack).all()
        assert (np.abs(block.weight_sum) <= block.weight_l1 * slack).all()


@pytest.mark.parametrize("lower", ["4/0/3", "3/1/6", "1/0/1"])
def test_kernels_of_the_strongest_pairs(lower: str) -> None:
    channels = range(4, 10)
    (block,) = Sweep(trunk(SMALL), "4/1/5", [lower], kernel_count=3).measure(channels)
    whole = expanded_weights(trunk(SMALL), lower, "4/1/5", upper_channels=channels)
    np.testing.assert_array_equal(block.strongest, np.argsort(-block.weight_l2, axis=1)[:, :3])
    expected = np.take_along_axis(whole.weights, block.strongest[:, :, None, None], axis=1)
    np.testing.assert_allclose(block.kernels, expected, rtol=1e-10)
    chosen = expanded_weights(trunk(SMALL), lower, "4/1/5", upper_channels=range(5, 6), lower_channels=[7, 2])
    np.testing.assert_allclose(chosen.weights[0], whole.weights[1, [7, 2]], rtol=1e-10)


def test_nothing_is_left_changed() -> None:
    model, threads = trunk(SMALL), torch.get_num_threads()
    before = [bottleneck.conv1.weight.clone() for bottleneck in model.bottlenecks]
    for upper in ("4/1/1", "4/1/5", "4/0/7", "4/1/6"):
        Sweep(model, upper).measure(range(2))
    for bottleneck, weight in zip(model.bottlenecks, before, strict=True):
        assert torch.equal(bottleneck.conv1.weight, weight)
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()
    assert torch.backends.cudnn.allow_tf32
