"""open_clip's own ResNet, to compare with: its tensors read through hooks, with their graph, or replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import torch
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor, nn

Replace = Callable[[str, Tensor], Tensor]


def random_visual(layers: tuple[int, ...], width: int, image_size: int) -> ModifiedResNet:
    """A ModifiedResNet with random weights and random batch-norm statistics, both signs of gamma; float64."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        visual = ModifiedResNet(list(layers), 32, 2, image_size, width)
        for module in visual.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_var, 0.5, 2)
                nn.init.normal_(module.running_mean, std=0.3)
                nn.init.normal_(module.bias, std=0.3)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                module.weight.data *= torch.randn_like(module.weight).sign()
    return visual.double().eval()


def as_it_is(_: str, flow: Tensor) -> Tensor:
    return flow


def run(visual: ModifiedResNet, images: Tensor, replaced: Replace = as_it_is) -> tuple[dict, dict]:
    """What flows on from every layer [N, C, H, W], and every layer's read-outs [N, C], with their graph.

    replaced: what flows on instead of a layer's tensor. Hooks clone, because additions and ReLUs write in place.
    """
    flows: dict[str, Tensor] = {}
    read: dict[str, Tensor] = {}

    def take(name: str, *, is_read: bool, flows_on: bool) -> Callable[..., Any]:
        def hook(_: nn.Module, __: tuple, out: Tensor) -> Tensor:
            if is_read:
                read[name] = centre(out)
            if not flows_on:
                return out.clone()
            flows[name] = out.clone()
            return replaced(name, flows[name]).clone()

        return hook

    def before_last_relu(name: str) -> Callable[..., Any]:
        def hook(_: nn.Module, arguments: tuple) -> None:
            read[name] = centre(arguments[0])

        return hook

    with ExitStack() as hooks:
        for block_index, bottleneck_index, module in _bottlenecks(visual):
            at = f"{block_index}/{bottleneck_index}"
            output = f"{at}/{6 if bottleneck_index else 8}"
            handles = [
                module.bn1.register_forward_hook(take(f"{at}/1", is_read=True, flows_on=False)),
                module.act1.register_forward_hook(take(f"{at}/1", is_read=False, flows_on=True)),
                module.bn2.register_forward_hook(take(f"{at}/3", is_read=True, flows_on=False)),
                module.act2.register_forward_hook(take(f"{at}/3", is_read=False, flows_on=True)),
                module.bn3.register_forward_hook(take(f"{at}/5", is_read=True, flows_on=True)),
                module.act3.register_forward_pre_hook(before_last_relu(output)),
                module.act3.register_forward_hook(take(output, is_read=False, flows_on=True)),
            ]
            if module.downsample is not None:
                handles.append(module.downsample.register_forward_hook(take(f"{at}/7", is_read=True, flows_on=True)))
            for handle in handles:
                hooks.callback(handle.remove)
        maps = visual.stem(images)
        for block in (visual.layer1, visual.layer2, visual.layer3, visual.layer4):
            maps = block(maps)
    return flows, read


def centre(maps: Tensor) -> Tensor:
    height, width = maps.shape[2:]
    return maps[:, :, (height - 1) // 2, (width - 1) // 2].clone()


def _bottlenecks(visual: ModifiedResNet) -> Iterator[tuple[int, int, nn.Module]]:
    for block_index in (1, 2, 3, 4):
        for bottleneck_index, module in enumerate(getattr(visual, f"layer{block_index}")):
            yield block_index, bottleneck_index, module
