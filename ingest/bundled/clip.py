"""The bundled CLIP: built from its config, with random or saved weights; its captions as tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from open_clip.model import CLIP
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from ingest.assets import ASSETS
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.text_side import KEPT_TOKENS_NAME, reduced_tokens

CONFIG_NAME = "open_clip_config.json"
WEIGHTS_NAME = "open_clip_model.safetensors"
_POSITIONS = "visual.attnpool.positional_embedding"
_DOWNSAMPLING = 32  # pixels per position of a CLIP ResNet's final map, along a side


def config(image_size_px: int) -> dict[str, Any]:
    """The bundled model's config with another image size, in open_clip's form."""
    stored: dict[str, Any] = json.loads((ASSETS / BUNDLED_MODEL / CONFIG_NAME).read_text(encoding="utf-8"))
    stored["model_cfg"]["vision_cfg"]["image_size"] = image_size_px
    return stored


def build(image_size_px: int, weights: Path | None = None) -> CLIP:
    """A float32 model in training mode. weights: of any image size; their positions are resampled to this one."""
    model = CLIP(**config(image_size_px)["model_cfg"])
    if weights is not None:
        state = {name: tensor.float() for name, tensor in load_file(weights).items()}
        model.load_state_dict(resampled(state, image_size_px))
    return model.to(memory_format=torch.channels_last)


def resampled(state: dict[str, Tensor], image_size_px: int) -> dict[str, Tensor]:
    """The state for another image size: the attention pool's positional embedding [1 + side ** 2, C] is resampled."""
    positions = state[_POSITIONS]
    old, new = round((len(positions) - 1) ** 0.5), image_size_px // _DOWNSAMPLING
    if old == new:
        return state
    grid = positions[1:].reshape(old, old, -1).permute(2, 0, 1)[None]
    grid = F.interpolate(grid, (new, new), mode="bilinear", align_corners=False)
    return {**state, _POSITIONS: torch.cat([positions[:1], grid[0].flatten(1).T])}


def tokens(texts: Sequence[str]) -> Tensor:
    """Token ids [N, 16] of texts in the bundled model's vocabulary."""
    context_length = config(0)["model_cfg"]["text_cfg"]["context_length"]
    return reduced_tokens(ASSETS / BUNDLED_MODEL / KEPT_TOKENS_NAME, context_length, texts)


def final_maps(model: CLIP, images: Tensor) -> Tensor:
    """The last bottleneck's output [N, C, H, W], from images already normalised by CLIP's mean and std."""
    visual = model.visual
    maps: Tensor = visual.stem(images)
    for block in (visual.layer1, visual.layer2, visual.layer3, visual.layer4):
        maps = block(maps)
    return maps
