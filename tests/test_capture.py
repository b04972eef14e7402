"""Capture compared with hooks on open_clip's own modules, which clone tensors before anything overwrites them."""

from __future__ import annotations

import numpy as np
import open_clip
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from torch import nn

from ingest.network.capture import capture, normalised
from ingest.network.layers import layers_of
from ingest.network.trunk import Convolution, forward, trunk_of

pytestmark = pytest.mark.usefixtures("two_threads")


def randomised(visual: ModifiedResNet, seed: int = 0) -> ModifiedResNet:
    """Random batch-norm statistics, so that no batch norm is the identity it starts as."""
    torch.manual_seed(seed)
    for module in visual.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.2)
            module.running_mean.normal_(std=0.2)
            module.running_var.uniform_(0.5, 1.5)
    return visual.eval().requires_grad_(False)


def hooked(visual: ModifiedResNet, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every layer's map by layer name, cloned inside the hook."""
    maps: dict[str, torch.Tensor] = {}
    handles = []

    def keep(name: str, module: nn.Module) -> None:
        def hook(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
            maps[name] = output.clone()

        handles.append(module.register_forward_hook(hook))

    for block in (1, 2, 3, 4):
        for number, bottleneck in enumerate(getattr(visual, f"layer{block}")):
            address = f"{block}/{number}"
            for op, module in ((1, bottleneck.bn1), (3, bottleneck.bn2), (5, bottleneck.bn3)):
                keep(f"{address}/{op}", module)
            if bottleneck.downsample is not None:
                keep(f"{address}/7", bottleneck.downsample)
            keep(f"{address}/{6 if bottleneck.downsample is None else 8}", bottleneck)
    visual(images)
    for handle in handles:
        handle.remove()
    return maps


def rn50() -> ModifiedResNet:
    """open_clip's RN50 without its text side, which takes longer to begin than the test."""
    return randomised(ModifiedResNet([3, 4, 6, 3], output_dim=1024, heads=32, image_size=224, width=64))


def narrow(image_size: int) -> ModifiedResNet:
    return randomised(ModifiedResNet([3, 4, 6, 3], output_dim=32, heads=4, image_size=image_size, width=8))


@pytest.mark.parametrize(
    ("build", "size"),
    [(rn50, 224), (lambda: narrow(96), 96), (lambda: narrow(97), 97), (lambda: narrow(64), 64)],
    ids=["RN50", "narrow", "odd size", "small"],
)
def test_mean_and_maximum_equal_hooked_maps_for_every_layer(build, size: int) -> None:
    visual = build()
    images = torch.randn(2, 3, size, size)
    expected = hooked(visual, images)
    trunk = trunk_of(visual)
    layers = layers_of(trunk)

    captured = capture(trunk, images, {layer.layer_name for layer in layers})

    assert set(expected) == {layer.layer_name for layer in layers}
    position = 0
    for layer in layers:
        maps = expected[layer.layer_name].double()
        assert maps.shape[1:] == (layer.channel_count, layer.map_height, layer.map_width)
        columns = slice(position, position + layer.channel_count)
        position += layer.channel_count
        scale = maps.abs().max().item()
        np.testing.assert_allclose(captured.mean[:, columns], maps.mean((2, 3)), rtol=1e-4, atol=1e-5 * scale)
        np.testing.assert_allclose(captured.max[:, columns], maps.amax((2, 3)), rtol=1e-4, atol=1e-5 * scale)
        there = maps.flatten(2).gather(2, torch.from_numpy(captured.place[:, columns]).long()[:, :, None])
        np.testing.assert_allclose(there[:, :, 0], maps.amax((2, 3)), rtol=1e-4, atol=1e-5 * scale)
    assert position == captured.mean.shape[1]


def test_a_disagreement_in_float32_vanishes_in_float64() -> None:
    visual = narrow(64).double()
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    expected = hooked(visual, images)
    for name, maps in forward(trunk_of(visual, torch.float64), images):
        assert (maps - expected[name]).abs().max() < 1e-12 * expected[name].abs().max(), name


def test_a_hook_that_keeps_its_tensor_sees_the_overwritten_one() -> None:
    """Why capture reduces at once: without the clone, index 1 comes out after its ReLU."""
    visual = narrow(64)
    kept: list[torch.Tensor] = []
    handle = visual.layer2[1].bn1.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    images = torch.randn(1, 3, 64, 64)
    visual(images)
    handle.remove()
    assert kept[0].min() >= 0
    assert hooked(visual, images)["2/1/1"].min() < 0
    assert capture(trunk_of(visual), images, {"2/1/1"}).mean.min() < kept[0].mean((2, 3)).min()


def test_layers_come_in_running_order_whatever_order_was_asked() -> None:
    trunk = trunk_of(narrow(64))
    images = torch.randn(1, 3, 64, 64)
    both = capture(trunk, images, {"4/2/6", "1/0/1"})
    np.testing.assert_array_equal(both.mean[:, :8], capture(trunk, images, {"1/0/1"}).mean)
    np.testing.assert_array_equal(both.mean[:, 8:], capture(trunk, images, {"4/2/6"}).mean)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_pass_stops_after_the_last_asked_for_layer(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[Convolution] = []
    pass_on = Convolution.__call__
    monkeypatch.setattr(Convolution, "__call__", lambda self, maps: run.append(self) or pass_on(self, maps))
    trunk = trunk_of(narrow(64), dtype)
    for name, last in (("1/0/7", 0), ("1/1/1", 1), ("1/1/5", 1)):
        run.clear()
        capture(trunk, torch.randn(1, 3, 64, 64), {name})
        bottleneck = trunk.bottlenecks[last]
        assert run[-1] is {"7": bottleneck.downsample, "1": bottleneck.conv1, "5": bottleneck.conv3}[name[-1]]


@pytest.mark.parametrize("size", [64, 97])
def test_reducing_on_the_way_is_reducing_layer_by_layer(size: int) -> None:
    """Every third layer, from each of the first three on: what is reduced, and what is only passed on."""
    visual = narrow(size)
    images = torch.randn(3, 3, size, size)
    names = [layer.layer_name for layer in layers_of(trunk_of(visual))]
    for start in range(3):
        chosen = names[start::3]
        fast, exact = (
            capture(trunk_of(visual, dtype), images.to(dtype), chosen) for dtype in (torch.float32, torch.float64)
        )
        np.testing.assert_allclose(fast.mean, exact.mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(fast.max, exact.max, rtol=1e-4, atol=1e-5)
        assert (fast.place == exact.place).mean() > 0.999


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nan_is_not_hidden_by_a_relu(dtype: torch.dtype) -> None:
    visual = narrow(64)
    visual.layer3[2].bn2.bias[3] = float("nan")
    found = capture(trunk_of(visual, dtype), torch.randn(2, 3, 64, 64), ["3/2/3", "3/2/5", "4/2/6"])
    assert np.isnan(found.mean[:, 3]).all()
    assert not np.isnan(found.mean[:, :3]).any()
    assert np.isnan(found.mean[:, 32:]).all()


def test_the_model_is_left_as_it_was() -> None:
    visual = narrow(64)
    before = {name: tensor.clone() for name, tensor in visual.state_dict().items()}
    capture(trunk_of(visual), torch.randn(1, 3, 64, 64), {"4/2/6"})
    assert all(torch.equal(tensor, before[name]) for name, tensor in visual.state_dict().items())


def test_bf16_stays_near_float32() -> None:
    trunk = trunk_of(narrow(64))
    images = torch.randn(2, 3, 64, 64)
    exact = capture(trunk, images, {"4/2/6"})
    rough = capture(trunk.to("cpu", torch.bfloat16), images, {"4/2/6"})
    assert rough.mean.dtype == np.float32
    assert 0 < np.abs(rough.mean - exact.mean).max() < 0.1 * np.abs(exact.mean).max()


def test_normalised_is_the_models_own_preprocessing() -> None:
    model = open_clip.create_model("RN50")
    mean, std = model.visual.preprocess_cfg["mean"], model.visual.preprocess_cfg["std"]
    transform = image_transform_v2(PreprocessCfg(size=224), is_train=False)
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    expected = transform(Image.fromarray(pixels))
    torch.testing.assert_close(normalised(torch.from_numpy(pixels)[None], mean, std)[0], expected)
