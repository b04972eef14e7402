"""Pictures that a pictures run kept, shown for their gates: the basis of gated weights and effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ingest.expansion.gates import PICTURES_AT_ONCE, ShownPictures
from ingest.network.capture import normalised
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk
from ingest.stimuli.kept_pictures import KeptPictures
from warehouse.errors import InputError


def frozen_pictures(model: ClipModel, trunk: Trunk, pictures: KeptPictures) -> ShownPictures:
    """The pictures as images on the trunk's device, decoded once. Raises InputError for one that is gone or changed."""
    found = pictures.read(range(len(pictures)), model.image_size_px)
    for place, one in enumerate(found):
        if one is None:
            uri = pictures.stimuli["source_uri"][place]
            raise InputError(f"{uri} cannot be read any more: put it back, or ingest pictures again")
    pixels = torch.from_numpy(np.stack([one for one in found if one is not None]))

    return ShownPictures(trunk, _Batches(model, pixels, trunk.device))


@dataclass(frozen=True)
class _Batches:
    model: ClipModel
    pixels: Tensor
    device: torch.device

    def __len__(self) -> int:
        return -(-len(self.pixels) // PICTURES_AT_ONCE)

    def __getitem__(self, index: int) -> Tensor:
        some = self.pixels[index * PICTURES_AT_ONCE : (index + 1) * PICTURES_AT_ONCE]
        return normalised(some.to(self.device), self.model.image_mean, self.model.image_std)
