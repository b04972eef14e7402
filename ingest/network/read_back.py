"""A unit's activation on a finished picture, after the model's own preprocessing like any other picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from ingest.network.capture import capture
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk


def reached(
    model: ClipModel, trunk: Trunk, pictures: Sequence[Image.Image], layer_name: str, channels: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Spatial mean and maximum [N] of one channel each of a layer, on one picture each."""
    size, mean, std = model.image_size_px, model.image_mean, model.image_std
    preprocess = image_transform_v2(PreprocessCfg(size=size, mean=mean, std=std), is_train=False)
    images = torch.stack([preprocess(picture.convert("RGB")) for picture in pictures])
    with torch.no_grad():
        activations = capture(trunk, images, {layer_name})
    own = np.arange(len(pictures)), np.array(channels)
    return activations.mean[own], activations.max[own]
