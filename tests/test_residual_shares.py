"""Shares against an independent computation: hooks on the plain open_clip model, clones, float64."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ingest.network.model import ClipModel, load_model
from ingest.network.trunk import trunk_of
from ingest.shares.residual_shares import ADDED, PUBLISHED, Branches, ShareSums, branches, unfold

BranchMaps = dict[tuple[str, str], tuple[torch.Tensor, torch.Tensor]]
DEAD_SCALE, DEAD_CONVOLUTION = 5, 6
MEASURED = ("1/0", "1/1", "1/2", "4/0", "4/1", "4/2")


@pytest.fixture(scope="module")
def model() -> ClipModel:
    """RN50 with batch norms as training leaves them, not as they are born, one of them dead."""
    model = load_model("RN50", "random", seed=3)
    generator = torch.Generator().manual_seed(0)
    for module in model.visual.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.2, 1.5, generator=generator)
            module.bias.normal_(0, 0.3, generator=generator)
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.3, 2, generator=generator)
    bottleneck = model.visual.layer4[2]
    bottleneck.bn3.weight[DEAD_SCALE] = 0  # adds a constant, though its raw convolution lives
    bottleneck.conv3.weight[DEAD_CONVOLUTION] = 0
    return model


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def expected(model: ClipModel, images: torch.Tensor) -> BranchMaps:
    return branch_maps(deepcopy(model.visual).double(), images.double())


def branch_maps(visual: nn.Module, images: torch.Tensor) -> BranchMaps:
    """(bottleneck, definition) -> maps of shortcut and residual branch, from hooks that clone."""
    kept: dict[str, torch.Tensor] = {}
    removable = []
    for name, module in visual.named_modules():
        if name:
            removable.append(
                module.register_forward_hook(lambda _, __, out, name=name: kept.__setitem__(name, out.clone()))
            )
    with torch.no_grad():
        visual(images)
    for hook in removable:
        hook.remove()
    found = {}
    for bottleneck in MEASURED:
        block, number = map(int, bottleneck.split("/"))
        path = f"layer{block}.{number}"
        before = f"layer{block}.{number - 1}"
        raw_shortcut, shortcut = (
            (kept[f"{path}.downsample.0"], kept[f"{path}.downsample.1"]) if number == 0 else (kept[before],) * 2
        )
        if number == 0:  # the modules are named -1 (pool), 0 (convolution), 1 (batch norm)
            assert isinstance(visual.get_submodule(f"{path}.downsample.0"), nn.Conv2d)
        found[bottleneck, PUBLISHED] = (raw_shortcut, kept[f"{path}.conv3"])
        found[bottleneck, ADDED] = (shortcut, kept[f"{path}.bn3"])
    return found


def measured(model: ClipModel, images: torch.Tensor, dtype: torch.dtype) -> Iterator[Branches]:
    trunk = trunk_of(model.visual, dtype)
    with torch.no_grad():
        yield from (found.wait() for found in branches(unfold(trunk, model.visual, MEASURED), images.to(dtype)))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_branches_equal_hooks_on_the_plain_model(
    model: ClipModel, images: torch.Tensor, expected: BranchMaps, dtype: torch.dtype, tolerance: float
) -> None:
    found = {(part.bottleneck_name, part.definition): part for part in measured(model, images, dtype)}
    assert found.keys() == expected.keys()
    for key, (shortcut, residual) in expected.items():
        lengths = [torch.linalg.vector_norm(maps, dim=(2, 3)).numpy() for maps in (shortcut, residual)]
        np.testing.assert_allclose(found[key].shortcut_norm, lengths[0], tolerance, tolerance * 0.1, err_msg=str(key))
        np.testing.assert_allclose(found[key].residual_norm, lengths[1], tolerance, tolerance * 0.1, err_msg=str(key))
        product = (shortcut * residual).sum((2, 3)).numpy()
        size = (lengths[0] * lengths[1]).max()
        np.testing.assert_allclose(found[key].product, product, atol=tolerance * size, err_msg=str(key))


def test_shares_cosines_and_spread_equal_an_independent_computation(
    model: ClipModel, images: torch.Tensor, expected: BranchMaps
) -> None:
    everything = np.divmod(np.arange(2 * 2048), 2048)
    for part in measured(model, images, torch.float64):
        shortcut, residual = (maps.flatten(2) for maps in expected[part.bottleneck_name, part.definition])
        share = shortcut.norm(dim=2) / (shortcut.norm(dim=2) + residual.norm(dim=2))
        cosine = nn.functional.cosine_similarity(shortcut, residual, dim=2)
        cosine[(shortcut.norm(dim=2) == 0) | (residual.norm(dim=2) == 0)] = torch.nan
        channel_count = shortcut.shape[1]
        sums = ShareSums(channel_count)
        sums.add(part, *(places[everything[1] < channel_count] for places in everything))
        found = sums.statistics()
        for values, wanted in [
            (found.shortcut_norm, shortcut.norm(dim=2).mean(0)),
            (found.residual_norm, residual.norm(dim=2).mean(0)),
            (found.shortcut_share, share.nanmean(0)),
            (found.cosine_similarity, cosine.nanmean(0)),
        ]:
            np.testing.assert_allclose(values, wanted.numpy(), 1e-10, 1e-10)
        both = ~share.isnan().any(dim=0).numpy()
        np.testing.assert_allclose(
            found.shortcut_share_deviation[both], share.std(0).numpy()[both], atol=1e-7, err_msg=part.bottleneck_name
        )


def test_a_dead_scale_and_a_dead_convolution(model: ClipModel, images: torch.Tensor) -> None:
    last = {part.definition: part for part in measured(model, images, torch.float32) if part.bottleneck_name == "4/2"}
    assert (last[PUBLISHED].residual_norm[:, DEAD_SCALE] > 0).all()
    shift = abs(model.visual.layer4[2].bn3.bias[DEAD_SCALE].item())
    assert last[ADDED].residual_norm[:, DEAD_SCALE] == pytest.approx([7 * shift] * 2, rel=1e-5)
    assert (last[PUBLISHED].residual_norm[:, DEAD_CONVOLUTION] == 0).all()


def test_no_more_of_the_network_runs_than_is_asked_for(model: ClipModel, images: torch.Tensor) -> None:
    trunk = trunk_of(model.visual)
    short = replace(trunk, bottlenecks=trunk.bottlenecks[:1])
    with torch.no_grad():
        first, second = (found.wait() for found in branches(unfold(trunk, model.visual, ["1/0"]), images))
        alone, _ = (found.wait() for found in branches(unfold(short, model.visual, ["1/0"]), images))
    assert [first.definition, second.definition] == [PUBLISHED, ADDED]
    assert (alone.product == first.product).all()


def test_the_folded_trunk_is_left_as_it_is(model: ClipModel, images: torch.Tensor) -> None:
    trunk = trunk_of(model.visual)
    weight = trunk.bottlenecks[-1].conv3.weight.clone()
    list(measured(model, images[:1], torch.float32))
    unfold(trunk, model.visual, ["4/2"])
    assert torch.equal(trunk.bottlenecks[-1].conv3.weight, weight)


# Averages, on numbers that a reader can check


def part(shortcut: list[list[float]], residual: list[list[float]], product: list[list[float]]) -> Branches:
    return Branches("4/2", ADDED, *(np.array(rows, float) for rows in (shortcut, residual, product)))


def pairs(*chosen: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    images, channels = zip(*chosen, strict=True)
    return np.array(images), np.array(channels)


def test_a_channel_is_averaged_over_its_own_images_only() -> None:
    found = part([[3, 1], [1, 9]], [[1, 1], [1, 1]], [[3, 0], [-1, 9]])
    sums = ShareSums(3)
    sums.add(found, *pairs((0, 0), (1, 0), (1, 1)))
    result = sums.statistics()
    assert result.image_count.tolist() == [2, 1, 0]
    np.testing.assert_allclose(result.shortcut_share, [0.625, 0.9, np.nan])  # (3/4 + 1/2) / 2 and 9/10
    np.testing.assert_allclose(result.shortcut_share_deviation, [0.125 * np.sqrt(2), np.nan, np.nan])
    np.testing.assert_allclose(result.shortcut_norm, [2, 9, np.nan])
    np.testing.assert_allclose(result.residual_norm, [1, 1, np.nan])
    np.testing.assert_allclose(result.cosine_similarity, [0, 1, np.nan])


def test_sums_do_not_depend_on_how_images_are_batched() -> None:
    whole, cut = ShareSums(1), ShareSums(1)
    whole.add(part([[3], [1]], [[1], [4]], [[2], [1]]), *pairs((0, 0), (1, 0)))
    cut.add(part([[3]], [[1]], [[2]]), *pairs((0, 0)))
    cut.add(part([[1]], [[4]], [[1]]), *pairs((0, 0)))
    for name, values in vars(whole.statistics()).items():
        np.testing.assert_allclose(vars(cut.statistics())[name], values, err_msg=name)


@pytest.mark.parametrize(
    ("shortcut", "residual", "share"),
    [(0, 2, 0), (2, 0, 1), (0, 0, np.nan)],
    ids=["dead shortcut", "dead residual branch", "both dead"],
)
def test_a_dead_branch_has_no_cosine(shortcut: float, residual: float, share: float) -> None:
    sums = ShareSums(1)
    sums.add(part([[shortcut]], [[residual]], [[0]]), *pairs((0, 0)))
    result = sums.statistics()
    np.testing.assert_equal(result.shortcut_share, [share])
    assert np.isnan(result.cosine_similarity).all()
    assert result.image_count.tolist() == [1]


def test_an_image_on_which_both_branches_are_silent_does_not_count_for_the_share() -> None:
    sums = ShareSums(1)
    sums.add(part([[0], [1], [3]], [[0], [1], [1]], [[0], [1], [3]]), *pairs((0, 0), (1, 0), (2, 0)))
    result = sums.statistics()
    np.testing.assert_allclose(result.shortcut_share, [0.625])
    np.testing.assert_allclose(result.shortcut_norm, [4 / 3])
    assert result.image_count.tolist() == [3]


def test_a_cosine_does_not_leave_its_bounds_by_rounding() -> None:
    sums = ShareSums(1)
    sums.add(part([[1]], [[1]], [[1 + 1e-7]]), *pairs((0, 0)))
    assert sums.statistics().cosine_similarity.tolist() == [1]
