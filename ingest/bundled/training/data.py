"""What training sees: pictures in every training style and words in every training face, moved, bent and recoloured.

Axes: N pictures of a batch, H and W pixels. Textures are RGBA in 0..255; a batch is RGB in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ingest.bundled.concepts import concepts, is_sided, readable_indices
from ingest.bundled.render import rendered_style
from ingest.bundled.styles import STYLES
from ingest.bundled.words import training_faces, word_mask

TEXTURE_PX = 96
_BACKGROUND_PX = 96
_FACES_PER_WORD = 24
_BACKGROUND_COUNT = 600
_CALMLY = 0.25  # how far a calm picture is moved, as a share of how far the others are
_WAVES = 4  # bends of a picture along a side
_LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Textures:
    """Pictures [T, 4, 96, 96] uint8 with their concepts [T], and word masks [V, 96, 96] uint8 with theirs [V]."""

    pictures: Tensor
    picture_concepts: Tensor
    words: Tensor
    word_concepts: Tensor


def load_textures(packages: Path, cache: Path, seed: int) -> Textures:
    """Render every training style and word once; kept in `cache`, so that a resumed training starts at once."""
    if cache.is_file():
        return Textures(**torch.load(cache, weights_only=True))
    textures = _rendered(packages, np.random.default_rng(seed))
    cache.parent.mkdir(parents=True, exist_ok=True)
    torch.save(vars(textures), cache)
    return textures


def _rendered(packages: Path, rng: np.random.Generator) -> Textures:
    styles = [rendered_style(packages, style, TEXTURE_PX) for style in STYLES if not style.is_held_out]
    word_concepts, words = _rendered_words(packages, rng)
    return Textures(
        pictures=torch.from_numpy(np.concatenate([pictures for _, pictures in styles]))
        .permute(0, 3, 1, 2)
        .contiguous(),
        picture_concepts=torch.from_numpy(np.concatenate([indices for indices, _ in styles])),
        words=torch.from_numpy(np.stack(words)),
        word_concepts=torch.tensor(word_concepts),
    )


def _rendered_words(packages: Path, rng: np.random.Generator) -> tuple[list[int], list[np.ndarray]]:
    faces = training_faces(packages)
    indices, masks = [], []
    for index in readable_indices():
        name = concepts()[index].name
        for face in rng.choice(len(faces), _FACES_PER_WORD, replace=False):
            text = name.upper() if rng.random() < 0.1 else name.capitalize() if rng.random() < 0.15 else name
            indices.append(index)
            masks.append(word_mask(text, faces[face], TEXTURE_PX, on_two_lines=rng.random() < 0.3))
    return indices, masks


class Sampler:
    """Draws training pictures and words. All randomness comes from one generator; the sampler runs on its device."""

    def __init__(self, textures: Textures, generator: torch.Generator) -> None:
        self.generator = generator
        self.device = generator.device
        self._pictures = textures.pictures.to(self.device)
        self._words = textures.words.to(self.device)
        self._pictures_of = _Groups.of(textures.picture_concepts.to(self.device))
        self._words_of = _Groups.of(textures.word_concepts.to(self.device))
        self._letters = torch.tensor([len(concept.name) for concept in concepts()], device=self.device)
        self._sided = torch.tensor(is_sided(), device=self.device)
        self._told_by_colour = torch.tensor([c.is_told_by_colour for c in concepts()], device=self.device)
        self._backgrounds = backgrounds().to(self.device)

    def concepts(self, count: int) -> Tensor:
        """Indices [count] of different concepts."""
        return torch.randperm(len(concepts()), generator=self.generator, device=self.device)[:count]

    def pictures(self, wanted: Tensor, size_px: int, calm_share: float) -> Tensor:
        """One picture of each concept in any training style, [N, 3, H, W].

        A share of them is calm, that is nearly as drawn: in the vendor's own style, not mirrored, hardly moved, on a
        plain background.
        """
        chosen = self._pictures_of.one_of(wanted, self._uniform(len(wanted), 0, 1))
        texture = self._pictures[chosen].float() / 255
        count = len(wanted)
        calm = self._chance(count, calm_share)
        changed = self._restyled(texture, self._told_by_colour[wanted])
        mirrored = self._chance(count, 0.5) * ~self._sided[wanted, None, None, None]
        changed = torch.where(mirrored > 0, changed.flip(3), changed)
        texture = torch.where(calm > 0, texture, changed)
        strength = 1 - (1 - _CALMLY) * calm
        each = strength.flatten()
        scale = 1 + each * (self._uniform(count, 0.6, 1.15) - 1)
        moved = self._moved(texture, size_px, scale, rotation=0.25 * each, bend=0.06 * strength, overhang=0.06)
        return self._jittered(self._placed(moved, self._background(count, size_px, plain_share=0.65 + 0.35 * calm)))

    def words(self, wanted: Tensor, size_px: int) -> tuple[Tensor, Tensor]:
        """The readable concepts among `wanted`, [M], and a picture of a word for each, [M, 3, H, W]."""
        readable = wanted[self._words_of.counts[wanted] > 0]
        chosen = self._words_of.one_of(readable, self._uniform(len(readable), 0, 1))
        masks = self._words[chosen, None].float() / 255
        scale = self._between((self._letters[readable] / 13).clamp(0.55, 0.92), 1.02)
        back = self._background(len(readable), size_px, plain_share=0.7)
        texture = torch.cat([self._ink(back)[:, :, None, None].expand(-1, -1, *masks.shape[2:]), masks], 1)
        moved = self._moved(texture, size_px, scale, rotation=0.06, bend=0.01, overhang=0.01)
        return readable, self._jittered(self._placed(moved, back))

    def _restyled(self, texture: Tensor, told_by_colour: Tensor) -> Tensor:
        """Imitates other vendors: outlines, thin or thick strokes, flat colours, line drawings, palettes, no colour."""
        count = len(texture)
        free = (~told_by_colour).float()[:, None, None, None]
        colour, opacity = texture[:, :3], texture[:, 3:]
        colour = self._stroked(colour, opacity)
        steps = self._uniform((count, 1, 1, 1), 2, 6).round()
        colour = torch.where(self._chance(count, 0.2) > 0, (colour * steps).round() / steps, colour)
        outline = _dilated(opacity)
        if self._uniform(1, 0, 1).item() < 0.5:
            outline = _dilated(outline)
        edge = outline - opacity * (1 - _edges(colour)).clamp(0, 1)
        edge = (edge * self._chance(count, 0.3)).clamp(0, 1)
        paper = free * self._chance(count, 0.3) * self._uniform((count, 1, 1, 1), 0, 1)
        colour = torch.lerp(colour, torch.ones_like(colour), paper) * (1 - edge)
        opacity = torch.maximum(opacity, edge)
        mixing = 0.16 * self._normal(count, 3, 3) * (0.25 + 0.75 * free[:, :, :, 0])
        colour = colour + torch.einsum("nij,njhw->nihw", mixing, colour)
        faded = free * self._chance(count, 0.4) * self._uniform((count, 1, 1, 1), 0, 1)
        return torch.cat([torch.lerp(colour, _grey(colour), faded).clamp(0, 1), opacity], 1)

    def _stroked(self, colour: Tensor, opacity: Tensor) -> Tensor:
        """A pixel more of the light parts in a fifth of the drawings, of the dark parts in another: varied strokes."""
        chance = self._uniform((len(colour), 1, 1, 1), 0, 1)
        light = _dilated(colour * opacity)
        dark = 1 - _dilated((1 - colour) * opacity)
        return torch.where(chance < 0.2, light, torch.where(chance > 0.8, dark, colour))

    def _moved(
        self,
        texture: Tensor,
        size_px: int,
        scale: Tensor,
        *,
        rotation: float | Tensor,
        bend: float | Tensor,
        overhang: float,
    ) -> Tensor:
        """Scaled, turned, sheared, shifted (beyond the frame by `overhang` at most), gently bent: [N, 4, H, W].

        rotation: one for all, or [N]; bend: one for all, or [N, 1, 1, 1].
        """
        count = len(texture)
        angle = self._uniform(count, -1, 1) * rotation
        stretch = torch.exp(self._uniform(count, -0.1, 0.1))
        shear = self._uniform(count, -0.1, 0.1) * (rotation > 0.1)
        room = (1 - scale).clamp(min=overhang)[:, None]
        shift = self._uniform((count, 2), -1, 1) * room
        cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
        linear = torch.stack([cos * stretch, sin + shear, -sin, cos / stretch], 1).reshape(count, 2, 2)
        offset = -(linear @ shift[:, :, None])
        grid = F.affine_grid(torch.cat([linear, offset], 2), [count, 4, size_px, size_px], align_corners=False)
        smooth = _smooth(size_px, self.device)
        waves = smooth @ (bend * self._normal(count, 2, _WAVES, _WAVES)) @ smooth.T
        return F.grid_sample(texture, grid + waves.permute(0, 2, 3, 1), align_corners=False)

    def _placed(self, texture: Tensor, back: Tensor) -> Tensor:
        opacity = texture[:, 3:]
        colour = texture[:, :3] / opacity.clamp(min=1e-3)  # at the frame's edge grid_sample mixed in transparent black
        colour = torch.where(opacity > 1e-3, colour.clamp(0, 1), 0.0)
        return torch.lerp(back, colour, opacity)

    def _background(self, count: int, size_px: int, *, plain_share: float | Tensor) -> Tensor:
        """Backgrounds [N, 3, size, size]: a share plain and light as in the shipped set, the others from the bank."""
        chosen = torch.randint(len(self._backgrounds), (count,), generator=self.generator, device=self.device)
        bank = self._backgrounds[chosen]
        if size_px != _BACKGROUND_PX:
            bank = F.interpolate(bank, (size_px, size_px), mode="bilinear", align_corners=False)
        plain = self._uniform((count, 1, 1, 1), 0.88, 1).expand(-1, 3, size_px, size_px)
        return torch.where(self._chance(count, plain_share) > 0, plain, bank)

    def _ink(self, back: Tensor) -> Tensor:
        """A colour [N, 3] that can be read: light on dark backgrounds, dark on light ones, black on half of these."""
        light = _grey(back).mean((1, 2, 3))[:, None] > 0.5
        dark_ink = self._uniform((len(back), 3), 0, 0.35) * self._chance(len(back), 0.5)[:, :, 0, 0]
        return torch.where(light, dark_ink, self._uniform((len(back), 3), 0.75, 1))

    def _jittered(self, images: Tensor) -> Tensor:
        """Varies brightness and contrast and adds noise: [N, 3, H, W] in 0..1."""
        count = len(images)
        gain = self._uniform(count, 0.8, 1.2)[:, None, None, None]
        lift = self._uniform(count, -0.08, 0.08)[:, None, None, None]
        middle = images.mean((1, 2, 3), keepdim=True)
        images = (images - middle) * gain + middle + lift
        noise = 0.05 * self._uniform(count, 0, 1)[:, None, None, None] * self._chance(count, 0.4)
        return (images + noise * self._normal(*images.shape)).clamp(0, 1)

    def _uniform(self, shape: int | tuple[int, ...], low: float, high: float) -> Tensor:
        return torch.rand(shape, generator=self.generator, device=self.device) * (high - low) + low

    def _between(self, low: Tensor, high: float) -> Tensor:
        return low + (high - low) * torch.rand(low.shape, generator=self.generator, device=self.device)

    def _chance(self, count: int, probability: float | Tensor) -> Tensor:
        """1 or 0 for each picture, [N, 1, 1, 1]."""
        return (self._uniform((count, 1, 1, 1), 0, 1) < probability).float()

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, device=self.device)


@cache
def backgrounds() -> Tensor:
    """Flat colours, gradients and cloud-like noise at several scales, [B, 3, 96, 96] in 0..1; always the same."""
    generator = torch.Generator().manual_seed(0)
    layers = torch.rand(_BACKGROUND_COUNT, 3, 1, 1, generator=generator).expand(-1, -1, _BACKGROUND_PX, _BACKGROUND_PX)
    for cells in (2, 4, 9, 24):
        strength = 0.4 * torch.rand(_BACKGROUND_COUNT, 1, 1, 1, generator=generator) ** 2
        noise = torch.randn(_BACKGROUND_COUNT, 3, cells, cells, generator=generator)
        layers = layers + strength * F.interpolate(noise, (_BACKGROUND_PX, _BACKGROUND_PX), mode="bilinear")
    return layers.clamp(0, 1)


@cache
def _smooth(size_px: int, device: torch.device) -> Tensor:
    """Weights [size, waves] of bicubic interpolation."""
    steps = torch.eye(_WAVES, device=device)[None]
    return F.interpolate(steps.transpose(1, 2)[..., None], (size_px, 1), mode="bicubic")[0, :, :, 0].T


@dataclass(frozen=True)
class _Groups:
    """The rows of each concept, side by side in `order` [T]: `counts` [C] of them, from `starts` [C] on."""

    order: Tensor
    starts: Tensor
    counts: Tensor

    @classmethod
    def of(cls, owner: Tensor) -> _Groups:
        counts = torch.bincount(owner, minlength=len(concepts()))
        return cls(owner.argsort(stable=True), counts.cumsum(0) - counts, counts)

    def one_of(self, wanted: Tensor, chance: Tensor) -> Tensor:
        """A row of each wanted concept, [N]. chance [N]: numbers from 0 to 1 that choose it."""
        place = (chance * self.counts[wanted]).long().clamp(max=self.counts[wanted] - 1)
        return self.order[self.starts[wanted] + place]


def _grey(colour: Tensor) -> Tensor:
    return (colour * colour.new_tensor(_LUMINANCE)[:, None, None]).sum(1, keepdim=True)


def _edges(colour: Tensor) -> Tensor:
    """1 where the colour changes sharply, [N, 1, H, W]."""
    grey = _grey(colour)
    change = _dilated(grey) + _dilated(1 - grey) - 1
    return (6 * change - 1).clamp(0, 1)


def _dilated(images: Tensor) -> Tensor:
    """The largest of each pixel and its eight neighbours, [N, C, H, W], at least 0; much faster than max_pool2d."""
    rows = F.pad(images, (0, 0, 1, 1))
    tall = torch.maximum(torch.maximum(rows[:, :, :-2], rows[:, :, 2:]), images)
    columns = F.pad(tall, (1, 1))
    return torch.maximum(torch.maximum(columns[..., :-2], columns[..., 2:]), tall)
