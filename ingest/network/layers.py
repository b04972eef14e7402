"""Layers of a CLIP ResNet: their addresses, shapes, and names elsewhere (definitions.md section 1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch

from ingest.network.trunk import Bottleneck, Convolution, Trunk, forward, place_of
from warehouse.addresses import output_op
from warehouse.errors import UnknownBottleneck, UnknownLayer

# op index -> (kind in the article's words, module inside the bottleneck, Microscope's op)
_OPS = {
    1: ("conv", "bn1", "add_1"),
    3: ("conv", "bn2", "add_3"),
    5: ("conv", "bn3", "add_5"),
    6: ("relu", None, "Add_6"),
    7: ("shortcut", "downsample.1", "add_7"),
    8: ("relu", None, "Add_8"),
}
_NUMBER = r"([0-9]{1,9})"
_ADDRESS = re.compile(rf"{_NUMBER}/{_NUMBER}/{_NUMBER}(?:/{_NUMBER})?")
_BOTTLENECK = re.compile(r"([1-9][0-9]{0,8})/(0|[1-9][0-9]{0,8})")
_CONVOLUTION = {1: "conv1", 3: "conv2", 5: "conv3", 7: "downsample"}


@dataclass(frozen=True)
class Layer:
    """One layer of the trunk whose units are measured. Map sizes are in positions, at the model's own image size."""

    layer_name: str
    block_index: int
    bottleneck_index: int
    op_index: int
    layer_order: int
    layer_kind: str
    module_path: str
    channel_count: int
    map_height: int
    map_width: int
    microscope_layer: str


def layers_of(trunk: Trunk) -> tuple[Layer, ...]:
    """Every layer of the trunk in running order (68 for RN50)."""
    size = trunk.image_size_px
    passed = forward(trunk.of_one_channel().to("cpu", torch.float32), torch.zeros(1, 1, size, size))
    return tuple(_layer(trunk, name, order, *maps.shape[2:]) for order, (name, maps) in enumerate(passed))


def select_layers(layers: tuple[Layer, ...], text: str) -> tuple[Layer, ...]:
    """The layers that a comma-separated list of addresses (or `all`) names, in running order.

    Raises UnknownLayer for an address that the model does not have.
    """
    if text == "all":
        return layers
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    known = {layer.layer_name for layer in layers}
    for name in sorted(wanted - known):
        raise UnknownLayer(name, sorted(known, key=parse_address))
    if not wanted:
        raise UnknownLayer(text, sorted(known, key=parse_address))
    return tuple(layer for layer in layers if layer.layer_name in wanted)


def select_bottlenecks(trunk: Trunk, text: str) -> tuple[Bottleneck, ...]:
    """The bottlenecks that a comma-separated list of addresses (`4/2,4/1`, or `all`) names, in running order.

    Raises UnknownBottleneck for an address that the model does not have.
    """
    known = {bottleneck.name: bottleneck for bottleneck in trunk.bottlenecks}
    wanted = set(known) if text == "all" else {name.strip() for name in text.split(",") if name.strip()}
    for name in sorted(wanted - known.keys()) or ([] if wanted else [text]):
        raise UnknownBottleneck(name, list(known))
    return tuple(bottleneck for name, bottleneck in known.items() if name in wanted)


def default_bottlenecks(trunk: Trunk) -> str:
    """The last block's, where the article looks: 4/0, 4/1 and 4/2 in RN50."""
    last_block = trunk.bottlenecks[-1].block_index
    return ",".join(bottleneck.name for bottleneck in trunk.bottlenecks if bottleneck.block_index == last_block)


def output_layer(bottleneck: str) -> str:
    """Address of the output of a bottleneck `4/2` of any model. Raises UnknownBottleneck for any other text."""
    match = _BOTTLENECK.fullmatch(bottleneck)
    if match is None:
        raise UnknownBottleneck(bottleneck)
    return f"{bottleneck}/{output_op(int(match[2]))}"


def default_layers(layers: tuple[Layer, ...]) -> str:
    """The last block's outputs and last convolutions, where the article looks: six layers in RN50."""
    last_block = max(layer.block_index for layer in layers)
    return ",".join(
        layer.layer_name for layer in layers if layer.block_index == last_block and layer.op_index in (5, 6, 8)
    )


def output_layers(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The outputs of all bottlenecks: sixteen layers in RN50."""
    return tuple(layer for layer in layers if layer.op_index in (6, 8))


def block_ends(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The last output of each block: 1/2/6, 2/3/6, 3/5/6 and 4/2/6 in RN50."""
    last = {layer.block_index: layer for layer in output_layers(layers)}
    return tuple(last.values())


def last_convolution(layers: tuple[Layer, ...]) -> str:
    """The last bottleneck's last convolution, where the article's expanded weights end: 4/2/5 in RN50."""
    return next(layer.layer_name for layer in reversed(layers) if layer.op_index == 5)


def batch_norm_of(trunk: Trunk, layer: Layer) -> tuple[list[float], list[float]]:
    """Batch-norm scale s and shift of each channel; 1 and 0 for a block's output, which has none."""
    if layer.op_index not in _CONVOLUTION:
        return [1.0] * layer.channel_count, [0.0] * layer.channel_count
    convolution: Convolution = getattr(bottleneck_of(trunk, layer.layer_name), _CONVOLUTION[layer.op_index])
    return convolution.scale.tolist(), convolution.shift.tolist()


def bottleneck_of(trunk: Trunk, layer_name: str) -> Bottleneck:
    index, _ = place_of(trunk, layer_name)
    return trunk.bottlenecks[index]


def parse_address(address: str) -> tuple[int, ...]:
    """The numbers of a layer `4/2/6` or unit `4/2/6/34`. Raises UnknownLayer when it is neither."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise UnknownLayer(address, [])
    return tuple(int(part) for part in match.groups() if part is not None)


def _layer(trunk: Trunk, name: str, order: int, map_height: int, map_width: int) -> Layer:
    block_index, bottleneck_index, op_index = parse_address(name)
    kind, module, microscope_op = _OPS[op_index]
    bottleneck_path = f"layer{block_index}.{bottleneck_index}"
    convolution: Convolution = getattr(bottleneck_of(trunk, name), _CONVOLUTION.get(op_index, "conv3"))
    return Layer(
        layer_name=name,
        block_index=block_index,
        bottleneck_index=bottleneck_index,
        op_index=op_index,
        layer_order=order,
        layer_kind=kind,
        module_path=f"{bottleneck_path}.{module}" if module else bottleneck_path,
        channel_count=len(convolution.shift),
        map_height=map_height,
        map_width=map_width,
        microscope_layer=f"image_block_{block_index}_{bottleneck_index}_{microscope_op}_0",
    )
