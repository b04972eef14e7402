"""The vision trunk of a CLIP ResNet as plain tensors, and one forward pass through it.

Axes: N images, O output channels, I input channels, H and W positions of a map.

Every convolution is kept with its batch norm folded in (in eval mode the two are one affine map): less memory traffic
than in the original module, and no hook is needed to see a tensor before an in-place ReLU or addition overwrites it
(definitions.md section 2, the trap).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from open_clip.modified_resnet import Bottleneck as OpenClipBottleneck
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor, nn

from warehouse.addresses import output_op

Relu = Callable[[str, Tensor], Tensor]  # the name of the layer before it, its map -> what flows on


@dataclass(frozen=True)
class Convolution:
    """A convolution followed by its batch norm, as one affine map.

    weight [O, I, k, k] and shift [O] give the batch-norm output; scale [O] is s = gamma / sqrt(var + eps), so
    that the raw convolution's output is (batch-norm output - shift) / scale.
    """

    weight: Tensor
    shift: Tensor
    scale: Tensor
    stride: int = 1

    def __call__(self, maps: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2
        return F.conv2d(maps, self.weight, self.shift, stride=self.stride, padding=padding)


@dataclass(frozen=True)
class Bottleneck:
    """One residual bottleneck: three convolutions, and the downsample convolution in a block's first.

    An average pool of size `stride` stands between conv2 and conv3 and before the downsample convolution.
    """

    block_index: int
    bottleneck_index: int
    conv1: Convolution
    conv2: Convolution
    conv3: Convolution
    downsample: Convolution | None
    stride: int

    def pool(self, maps: Tensor) -> Tensor:
        return F.avg_pool2d(maps, self.stride) if self.stride > 1 else maps

    def address(self, op_index: int) -> str:
        return f"{self.name}/{op_index}"

    @property
    def name(self) -> str:
        return f"{self.block_index}/{self.bottleneck_index}"

    @property
    def output_op(self) -> int:
        return output_op(self.bottleneck_index)

    @property
    def output_name(self) -> str:
        return self.address(self.output_op)


@dataclass(frozen=True)
class Trunk:
    """Stem and bottlenecks of a ModifiedResNet, in the order in which they run."""

    stem: tuple[Convolution, ...]
    bottlenecks: tuple[Bottleneck, ...]
    image_size_px: int

    def to(self, device: str | torch.device, dtype: torch.dtype | None = None) -> Trunk:
        """The same trunk on another device or in another dtype; channels last, the faster layout everywhere."""

        def moved(convolution: Convolution) -> Convolution:
            weight = convolution.weight.to(device, dtype, memory_format=torch.channels_last)
            shift, scale = (tensor.to(device, dtype) for tensor in (convolution.shift, convolution.scale))
            return replace(convolution, weight=weight, shift=shift, scale=scale)

        return self._with_each(moved)

    def without_shifts(self) -> Trunk:
        """The trunk for changes of maps: a convolution's shift cancels in the difference of two maps."""

        def bare(convolution: Convolution) -> Convolution:
            return replace(convolution, shift=torch.zeros_like(convolution.shift))

        return self._with_each(bare)

    def of_one_channel(self) -> Trunk:
        """The first channel of every map alone: enough, and little, to see the sizes of maps."""

        def first(convolution: Convolution) -> Convolution:
            return replace(convolution, weight=convolution.weight[:1, :1], shift=convolution.shift[:1])

        return self._with_each(first)

    def _with_each(self, made: Callable[[Convolution], Convolution]) -> Trunk:
        bottlenecks = (
            replace(
                bottleneck,
                conv1=made(bottleneck.conv1),
                conv2=made(bottleneck.conv2),
                conv3=made(bottleneck.conv3),
                downsample=made(bottleneck.downsample) if bottleneck.downsample else None,
            )
            for bottleneck in self.bottlenecks
        )
        return replace(self, stem=tuple(map(made, self.stem)), bottlenecks=tuple(bottlenecks))

    @property
    def device(self) -> torch.device:
        return self.stem[0].weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.stem[0].weight.dtype


def trunk_of(visual: ModifiedResNet, dtype: torch.dtype = torch.float32) -> Trunk:
    """The trunk of an open_clip ModifiedResNet, copied to the CPU; `visual` is left as it is."""
    stem = tuple(fold(getattr(visual, f"conv{i}"), getattr(visual, f"bn{i}"), dtype) for i in (1, 2, 3))
    blocks = (visual.layer1, visual.layer2, visual.layer3, visual.layer4)
    bottlenecks = tuple(
        _bottleneck(module, block_index, bottleneck_index, dtype)
        for block_index, block in enumerate(blocks, start=1)
        for bottleneck_index, module in enumerate(block)
    )
    return Trunk(stem, bottlenecks, int(visual.image_size)).to("cpu")


def fold(convolution: nn.Conv2d, batch_norm: nn.BatchNorm2d, dtype: torch.dtype = torch.float32) -> Convolution:
    """A convolution and its batch norm in eval mode as one affine map; computed in float64, kept in `dtype`."""
    state = {name: tensor.detach().double().cpu() for name, tensor in batch_norm.state_dict().items()}
    gamma, beta, mean, variance = (state[name] for name in ("weight", "bias", "running_mean", "running_var"))
    weight = convolution.weight.detach().double().cpu()
    scale = gamma / torch.sqrt(variance + batch_norm.eps)
    folded = weight * scale[:, None, None, None]
    shift = beta - mean * scale
    return Convolution(folded.to(dtype), shift.to(dtype), scale.to(dtype), convolution.stride[0])


def after_stem(trunk: Trunk, images: Tensor) -> Tensor:
    """The maps that go into the first bottleneck, [N, O, H, W], for images [N, 3, H, W]."""
    maps = images.to(trunk.device, trunk.dtype, memory_format=torch.channels_last)
    for convolution in trunk.stem:
        maps = convolution(maps).relu_()
    return F.avg_pool2d(maps, 2)


def forward(trunk: Trunk, images: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Run images [N, 3, H, W] through the trunk and yield each layer's map as it comes.

    Yields (layer name, map [N, O, H, W]) for every layer of definitions.md section 1 in running order: indices 1, 3,
    5 and 7 as batch-norm outputs, 6 and 8 after the ReLU. A map is valid only until the next one is requested: the
    pass overwrites it, so reduce or clone it first. If you stop iterating, the rest of the network is not run.
    """
    maps = after_stem(trunk, images)
    for bottleneck in trunk.bottlenecks:
        out = bottleneck.conv1(maps)
        yield bottleneck.address(1), out
        out = bottleneck.conv2(out.relu_())
        yield bottleneck.address(3), out
        out = bottleneck.conv3(bottleneck.pool(out.relu_()))
        yield bottleneck.address(5), out
        if bottleneck.downsample is not None:
            maps = bottleneck.downsample(bottleneck.pool(maps))
            yield bottleneck.address(7), maps
        maps = out.add_(maps).relu_()
        yield bottleneck.address(bottleneck.output_op), maps


def relu(_: str, maps: Tensor) -> Tensor:
    return maps.relu_()


def forward_from(
    trunk: Trunk, layer_name: str, maps: Tensor, other: Tensor | None = None, relu: Relu = relu
) -> Iterator[tuple[str, Tensor]]:
    """Run on from what flows on from one layer, and yield what is read at each layer above, in running order.

    maps [K * N, O, H, W]: after its ReLU for index 1 and 3, the stored tensor for the others; overwritten. other
    [N, ...]: what its branch is added to (other_summand), the same for all K; None for nothing. relu: used in place of
    each layer's ReLU. Yields (layer name, map), each before its own ReLU: 1, 3, 5 and 7 as in `forward`, 6 and 8 as the
    sum; in the layer's own bottleneck only what depends on it.
    """
    index, op_index = place_of(trunk, layer_name)
    bottleneck = trunk.bottlenecks[index]
    if op_index != bottleneck.output_op:
        maps = yield from _through_branch(bottleneck, op_index, maps, relu)
        if other is not None:
            maps.unflatten(0, (-1, len(other))).add_(other)
        yield bottleneck.output_name, maps
        maps = relu(bottleneck.output_name, maps)
    for above in trunk.bottlenecks[index + 1 :]:
        out = yield from _through_branch(above, 0, maps, relu)
        if above.downsample is not None:
            maps = above.downsample(above.pool(maps))
            yield above.address(7), maps
        maps = out.add_(maps)
        yield above.output_name, maps
        maps = relu(above.output_name, maps)


def _through_branch(
    bottleneck: Bottleneck, op_index: int, maps: Tensor, relu: Relu
) -> Generator[tuple[str, Tensor], None, Tensor]:
    """The residual branch, from what flows on from op_index (0: the bottleneck's input) up to the addition."""
    if op_index < 1:
        maps = bottleneck.conv1(maps)
        yield bottleneck.address(1), maps
        maps = relu(bottleneck.address(1), maps)
    if op_index < 3:
        maps = bottleneck.conv2(maps)
        yield bottleneck.address(3), maps
        maps = relu(bottleneck.address(3), maps)
    if op_index < 5:
        maps = bottleneck.conv3(bottleneck.pool(maps))
        yield bottleneck.address(5), maps
    return maps


def place_of(trunk: Trunk, layer_name: str) -> tuple[int, int]:
    """The place of a layer's bottleneck among the trunk's, and the layer's index in it."""
    name, _, op_index = layer_name.rpartition("/")
    return [bottleneck.name for bottleneck in trunk.bottlenecks].index(name), int(op_index)


def other_summand(trunk: Trunk, layer_name: str) -> str | None:
    """The other summand of the addition above a layer, as a layer's name; None for a bottleneck's output, the sum."""
    index, op_index = place_of(trunk, layer_name)
    bottleneck = trunk.bottlenecks[index]
    if op_index == bottleneck.output_op:
        return None
    if op_index == 7:
        return bottleneck.address(5)
    return trunk.bottlenecks[index - 1].output_name if bottleneck.downsample is None else bottleneck.address(7)


def _bottleneck(module: OpenClipBottleneck, block_index: int, bottleneck_index: int, dtype: torch.dtype) -> Bottleneck:
    downsample = None
    if module.downsample is not None:
        _, convolution, batch_norm = module.downsample
        downsample = fold(convolution, batch_norm, dtype)
    return Bottleneck(
        block_index,
        bottleneck_index,
        fold(module.conv1, module.bn1, dtype),
        fold(module.conv2, module.bn2, dtype),
        fold(module.conv3, module.bn3, dtype),
        downsample,
        module.stride,
    )
