"""Layers of every architecture: addresses, counts, batch norms, and how layers are selected."""

from __future__ import annotations

import open_clip
import pytest
from open_clip.modified_resnet import ModifiedResNet

from ingest.network.layers import batch_norm_of, default_layers, layers_of, parse_address, select_layers
from ingest.network.model import load_model
from ingest.network.trunk import trunk_of
from warehouse.errors import UnknownLayer


@pytest.fixture(scope="module")
def rn50():
    return load_model("RN50", "random")


def test_rn50_has_68_layers_and_41600_units(rn50) -> None:
    assert len(rn50.layers) == 68
    assert sum(layer.channel_count for layer in rn50.layers) == 41_600


@pytest.mark.parametrize(
    ("name", "bottlenecks", "layer_count"),
    [
        ("RN101", (3, 4, 23, 3), 136),
        ("RN50x4", (4, 6, 10, 6), 108),
        ("RN50x16", (6, 8, 18, 8), 164),
        ("RN50x64", (3, 15, 36, 10), 260),
    ],
)
def test_every_architecture_has_four_layers_a_bottleneck_and_one_more_a_block(name, bottlenecks, layer_count) -> None:
    config = open_clip.get_model_config(name)["vision_cfg"]
    assert tuple(config["layers"]) == bottlenecks
    narrow = ModifiedResNet(list(bottlenecks), output_dim=8, heads=4, image_size=config["image_size"], width=4)
    layers = layers_of(trunk_of(narrow))
    assert len(layers) == layer_count == 4 * sum(bottlenecks) + 4
    last = layers[-1]
    assert last.layer_name == f"4/{bottlenecks[3] - 1}/6"
    assert last.map_height == last.map_width == config["image_size"] // 32


@pytest.mark.parametrize(
    ("name", "kind", "module", "size", "microscope"),
    [
        ("1/0/1", "conv", "layer1.0.bn1", 56, "image_block_1_0_add_1_0"),
        ("2/0/3", "conv", "layer2.0.bn2", 56, "image_block_2_0_add_3_0"),
        ("2/0/5", "conv", "layer2.0.bn3", 28, "image_block_2_0_add_5_0"),
        ("3/0/7", "shortcut", "layer3.0.downsample.1", 14, "image_block_3_0_add_7_0"),
        ("3/0/8", "relu", "layer3.0", 14, "image_block_3_0_Add_8_0"),
        ("4/2/6", "relu", "layer4.2", 7, "image_block_4_2_Add_6_0"),
    ],
)
def test_addresses_of_rn50(rn50, name, kind, module, size, microscope) -> None:
    layer = next(layer for layer in rn50.layers if layer.layer_name == name)
    assert (layer.layer_kind, layer.module_path, layer.map_height, layer.map_width) == (kind, module, size, size)
    assert layer.microscope_layer == microscope
    rn50.visual.get_submodule(module)


def test_batch_norm_scale_and_shift_give_the_raw_convolution_back(rn50) -> None:
    for name, module in (("4/0/7", "layer4.0.downsample.1"), ("2/1/3", "layer2.1.bn2")):
        layer = next(layer for layer in rn50.layers if layer.layer_name == name)
        batch_norm = rn50.visual.get_submodule(module)
        scale, shift = batch_norm_of(rn50.trunk, layer)
        expected = batch_norm.weight / (batch_norm.running_var + batch_norm.eps).sqrt()
        assert scale == pytest.approx(expected.tolist(), rel=1e-6)
        assert shift == pytest.approx((batch_norm.bias - batch_norm.running_mean * expected).tolist(), abs=1e-6)


def test_a_block_output_has_scale_one_and_shift_zero(rn50) -> None:
    assert batch_norm_of(rn50.trunk, rn50.layers[-1]) == ([1.0] * 2048, [0.0] * 2048)


def test_layers_are_selected_by_address_in_running_order(rn50) -> None:
    assert [layer.layer_name for layer in select_layers(rn50.layers, "4/2/6, 1/0/1")] == ["1/0/1", "4/2/6"]
    assert select_layers(rn50.layers, "all") == rn50.layers


@pytest.mark.parametrize("text", ["4/2/7", "4/2", "", ",", "5/0/1", "four", "4/2/6/1", "all,4/2/6"])
def test_a_wrong_address_is_a_clear_error(rn50, text) -> None:
    with pytest.raises(UnknownLayer, match="68 layers"):
        select_layers(rn50.layers, text)


def test_the_default_is_the_last_blocks_outputs_and_last_convolutions(rn50) -> None:
    assert default_layers(rn50.layers) == "4/0/5,4/0/8,4/1/5,4/1/6,4/2/5,4/2/6"


def test_parse_address() -> None:
    assert parse_address("4/2/6/34") == (4, 2, 6, 34)
    with pytest.raises(UnknownLayer):
        parse_address("4/2/6/34/1")
