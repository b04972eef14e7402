"""Feature visualisation: pictures optimised to drive their unit as far as possible. Tensors in, tensors out.

Axes: N pictures (one a unit), O channels, H and W positions, S picture size in px.

A picture is stored as the Fourier spectrum of three decorrelated colours: a step then changes large shapes as readily
as small ones. Each step sees it through a new jitter, rotation and scale, so the drawing must work for all of them
(Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017, doi 10.23915/distill.00007). These movements die
down, and the last steps see the picture as it will be shown. Every unit has a random stream of its own, drawn on the
CPU: its picture depends on the seed and the unit, not on its neighbours in a batch.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ingest.network.trunk import Trunk

# Square root of the covariance of ImageNet's colours, by its largest column norm: Lucid, lucid/optvis/param/color.py.
_COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
_CONTRAST = 4.0  # Lucid divides its spectra by 4: lucid/optvis/param/spatial.py
_START = 0.01
_STILL_FROM = 0.7  # share of the steps after which pictures are no longer moved
_LEAK = 0.1
_NO_EPSILON = 1e-20  # Adam's own, 1e-8, is as large as the gradients of a quiet unit
OBJECTIVES = ("channel", "neuron")


@dataclass(frozen=True)
class Recipe:
    """How a picture is optimised. Jitter is a share of the picture's size, rotation in degrees, zoom a factor.

    lightness: of the even grey that a picture begins from, 0..1. Units trained on drawings respond to a light page, and
    hardly to middle grey.
    `variation` weighs the total variation against the unit's activation, whatever its scale. A picture is begun
    `start_count` times, and after an eighth of the steps only the start that drives its unit most goes on: from one
    start, one unit in twenty ends below its best dataset example.
    """

    objective: str = "channel"
    step_count: int = 256
    start_count: int = 3
    size_px: int = 64
    seed: int = 0
    lightness: float = 0.9
    learning_rate: float = 0.15
    decay_power: float = 1.5
    jitter: float = 0.1
    rotation_degrees: float = 12.0
    zoom: float = 1.25
    variation: float = 3.0

    @property
    def still_from(self) -> float | None:
        """Share of the steps after which pictures are no longer moved; None where movements do not die down."""
        return _STILL_FROM

    @property
    def leak(self) -> float:
        """Slope of a block's output below zero, where its ReLU gives nothing; 1: taken before its ReLU."""
        return _LEAK

    @property
    def is_on_grey(self) -> bool:
        """Whether there is middle grey beyond a moved picture's edge, not its mirror image."""
        return False

    @property
    def early_count(self) -> int:
        """Steps that every start takes."""
        return self.step_count // 8

    @property
    def pass_count(self) -> int:
        """Forward passes that a picture takes."""
        return self.step_count + (self.start_count - 1) * self.early_count


def optimised(
    trunk: Trunk,
    layer_name: str,
    channels: Sequence[int],
    recipe: Recipe,
    image_mean: tuple[float, ...],
    image_std: tuple[float, ...],
    advance: Callable[[int], None] = lambda _: None,
    *,
    width: int = 1,
) -> Tensor:
    """The finished pictures [N, S, S, 3] uint8 of one layer's channels; `advance` gets each step's number.

    A list shorter than `width` is filled up with its first channel. Kernels round differently for another number of
    pictures, and a hundred steps make that visible: one width on one kind of device gives equal pictures to the bit.
    """
    wide = [*channels, *[channels[0]] * (width - len(channels))]
    everyone = torch.tensor(wide, device=trunk.device)
    ascent = _Ascent(trunk, layer_name, everyone, recipe, image_mean, image_std, lambda: advance(len(channels)))
    begun = []
    for number in range(recipe.start_count):
        streams = [stream(recipe.seed, f"{layer_name}/{channel}", number) for channel in wide]
        spectra = torch.stack([start(generator, recipe.size_px) for generator in streams]).to(trunk.device)
        movements = torch.stack([moves(generator, recipe) for generator in streams]).to(trunk.device)
        begun.append((ascent.climbed(spectra, movements[:, : recipe.early_count]), movements))
    with torch.no_grad():
        best = torch.stack([ascent.driven(pictures_of(spectra, recipe)) for spectra, _ in begun]).argmax(0)
    places = torch.arange(len(wide), device=trunk.device)
    spectra, movements = (torch.stack(of)[best, places] for of in zip(*begun, strict=True))
    spectra = ascent.climbed(spectra, movements[:, recipe.early_count :])
    with torch.no_grad():
        pictures = pictures_of(spectra[: len(channels)], recipe)
        return (pictures * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu()


@dataclass(frozen=True)
class _Ascent:
    """The way up for N channels of one layer."""

    trunk: Trunk
    layer_name: str
    channels: Tensor
    recipe: Recipe
    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]
    advance: Callable[[], None]

    def climbed(self, spectra: Tensor, movements: Tensor) -> Tensor:
        """The spectra after a step through each of their movements [N, steps, 2, 3]."""
        spectra = spectra.clone().requires_grad_()
        optimiser = torch.optim.Adam([spectra], lr=self.recipe.learning_rate, eps=_NO_EPSILON)
        for step in range(movements.shape[1]):
            with torch.enable_grad():
                pictures = pictures_of(spectra, self.recipe)
                seen = moved(pictures, movements[:, step], self.trunk.image_size_px, is_on_grey=self.recipe.is_on_grey)
                driven = self.driven(seen)
                plainness = self.recipe.variation * driven.detach().clamp_min(0) * total_variation(pictures)
                (spectra.grad,) = torch.autograd.grad((plainness - driven).sum(), [spectra])
            optimiser.step()
            self.advance()
        return spectra.detach()

    def driven(self, pictures: Tensor) -> Tensor:
        """The activation of each picture's unit [N]."""
        mean, std = (pictures.new_tensor(of).reshape(1, 3, 1, 1) for of in (self.image_mean, self.image_std))
        shown = (fitted(pictures, self.trunk.image_size_px) - mean) / std
        maps = leaking(self.trunk, shown, self.layer_name, self.recipe.leak)
        return objective(maps, self.channels, self.recipe)


def stream(seed: int, unit_name: str, number: int = 0) -> torch.Generator:
    """The random numbers of one unit's start of that number."""
    digest = hashlib.sha256(f"{seed} {unit_name} {number}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7]))


def start(generator: torch.Generator, size_px: int) -> Tensor:
    """A random spectrum [3, S, S // 2 + 1, 2] (real and imaginary part), nearly even."""
    return torch.randn(3, size_px, size_px // 2 + 1, 2, generator=generator) * _START


def pictures_of(spectra: Tensor, recipe: Recipe) -> Tensor:
    """Pictures [N, 3, S, S] in 0..1 of spectra [N, 3, S, S // 2 + 1, 2]."""
    size = recipe.size_px
    scale = size * (size * _frequencies(size).to(spectra.device)).clamp_min(1) ** -recipe.decay_power
    planes = torch.fft.irfft2(torch.view_as_complex(spectra) * scale, s=(size, size), norm="ortho") / _CONTRAST
    matrix = spectra.new_tensor(_COLOURS)
    matrix = matrix / matrix.norm(dim=0).max()
    colours = torch.einsum("ncyx,dc->ndyx", planes, matrix)
    return torch.sigmoid(colours + math.log(recipe.lightness / (1 - recipe.lightness)))


def moves(generator: torch.Generator, recipe: Recipe) -> Tensor:
    """One affine map [2, 3] a step, [steps, 2, 3]: shift in both directions, rotation and zoom, each uniform.

    What they may be at most falls evenly from the recipe's own to nothing, where it stays for the last steps; or
    stays as it is.
    """
    strength = torch.ones(recipe.step_count)
    if recipe.still_from is not None:
        strength = (1 - torch.arange(recipe.step_count) / (recipe.step_count * recipe.still_from)).clamp_min(0)
    chance = (torch.rand(recipe.step_count, 4, generator=generator) * 2 - 1) * strength[:, None]
    angle = chance[:, 0] * math.radians(recipe.rotation_degrees)
    zoom = torch.exp(chance[:, 1] * math.log(recipe.zoom))
    shift = chance[:, 2:] * 2 * recipe.jitter
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = torch.stack([cos, -sin, shift[:, 0], sin, cos, shift[:, 1]], dim=1)
    return rows.reshape(-1, 2, 3)


def fitted(pictures: Tensor, size_px: int) -> Tensor:
    """Pictures at the model's own size."""
    if pictures.shape[-1] == size_px:
        return pictures
    return F.interpolate(pictures, (size_px, size_px), mode="bicubic", antialias=True, align_corners=False)


def moved(pictures: Tensor, movements: Tensor, size_px: int, *, is_on_grey: bool = False) -> Tensor:
    """Pictures [N, 3, S, S] seen through affine maps [N, 2, 3] at the model's own size; mirrored beyond the edge, or
    on middle grey."""
    pictures = fitted(pictures, size_px)
    grid = F.affine_grid(movements, list(pictures.shape), align_corners=False)
    if is_on_grey:
        return F.grid_sample(pictures - 0.5, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + 0.5
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def objective(maps: Tensor, channels: Tensor, recipe: Recipe) -> Tensor:
    """The objective of each picture [N], from maps [N, O, H, W]."""
    own = maps[torch.arange(len(maps), device=maps.device), channels]
    if recipe.objective == "neuron":
        return own[:, (own.shape[1] - 1) // 2, (own.shape[2] - 1) // 2]
    return own.mean((1, 2))


def total_variation(pictures: Tensor) -> Tensor:
    """Mean step between neighbours of each picture [N]: small where planes are plain, as a drawing's are."""
    down = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs().mean((1, 2, 3))
    across = (pictures[..., 1:] - pictures[..., :-1]).abs().mean((1, 2, 3))
    return down + across


def leaking(trunk: Trunk, images: Tensor, layer_name: str, leak: float = _LEAK) -> Tensor:
    """The layer's map [N, O, H, W] of images [N, 3, H, W], differentiable. A block's output leaks: below zero, where
    its ReLU gives nothing, it falls on by that slope, so that a silent unit has a way up.

    `ingest.network.trunk.forward` goes on in place, which autograd cannot follow: this pass does not, and ends at the
    layer.
    """
    for name, maps in _forward(trunk, images, leak):
        if name == layer_name:
            return maps
    raise ValueError(f"no layer {layer_name}")


def _forward(trunk: Trunk, images: Tensor, leak: float) -> Iterator[tuple[str, Tensor]]:
    maps = images.to(trunk.dtype, memory_format=torch.channels_last)
    for convolution in trunk.stem:
        maps = F.relu(convolution(maps))
    maps = F.avg_pool2d(maps, 2)
    for bottleneck in trunk.bottlenecks:
        out = bottleneck.conv1(maps)
        yield bottleneck.address(1), out
        out = bottleneck.conv2(F.relu(out))
        yield bottleneck.address(3), out
        out = bottleneck.conv3(bottleneck.pool(F.relu(out)))
        yield bottleneck.address(5), out
        if bottleneck.downsample is not None:
            maps = bottleneck.downsample(bottleneck.pool(maps))
            yield bottleneck.address(7), maps
        out = out + maps
        yield bottleneck.output_name, F.leaky_relu(out, leak)
        maps = F.relu(out)


def _frequencies(size_px: int) -> Tensor:
    """Length of each frequency [S, S // 2 + 1], in cycles a pixel."""
    return torch.hypot(torch.fft.fftfreq(size_px)[:, None], torch.fft.rfftfreq(size_px)[None])
