"""The model hub, Microscope and the original's repository, played by one site, for a narrow model of RN50's shape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import open_clip
import pytest
import torch
from open_clip import factory
from open_clip.model import CLIP
from PIL import Image
from safetensors.torch import save

from helpers.narrow_model import NARROW
from helpers.playing_site import Answer

MODEL = "RN50-quickgelu"
ABOVE = {"4_0": (296, 0), "4_1": (1683, 36), "4_2": (1761, 78)}  # of 2,048 channels: above 0.9, dead
HUB_FOLDER = "timm/resnet50_clip.openai"
STORE = "/store/"  # where the hub's answer leads: the large files lie on another host
_COMMIT = "0123456789abcdef0123456789abcdef01234567"

Surprise = Callable[[Answer], Answer]


class Sources:
    """What the site answers. `gone` names sources that answer errors only; a surprise changes one answer, once, at the
    first address that its pattern is found in."""

    def __init__(self, weights: bytes, hub_folder: str = HUB_FOLDER) -> None:
        self.gone: set[str] = set()
        self.surprises: dict[str, Surprise] = {}
        self.store_host = ""
        self._weights = weights
        self._address = f"/{hub_folder}/resolve/main/open_clip_model.safetensors"
        self._sha256 = hashlib.sha256(weights).hexdigest()

    def answer(self, address: str, before: int) -> Answer:
        path = unquote(unquote(address))
        usual = self._usual(path)
        for pattern in [pattern for pattern in self.surprises if re.search(pattern, path)]:
            usual = self.surprises.pop(pattern)(usual)
        return usual

    def _usual(self, path: str) -> Answer:
        source = "microscope" if "microscopeprod" in path else "published" if "published" in path else "hub"
        if source in self.gone:
            return Answer(status=403 if source == "hub" else 503)  # the hub's client asks a minute long after a 503
        if source == "microscope":
            return Answer(png(int(re.search(r"channel-(\d+)", path)[1])))
        if source == "published":
            return Answer(published_file(re.search(r"4_\d", path)[0]))
        return self._hub(path)

    def _hub(self, path: str) -> Answer:
        """As the hub: a file of the repository leads to the store, one that it has not is told so."""
        if path == self._address:
            return Answer(
                status=302,
                headers={
                    "Location": f"{self.store_host}{STORE}{self._sha256}",
                    "X-Repo-Commit": _COMMIT,
                    "X-Linked-Size": str(len(self._weights)),
                    "X-Linked-ETag": f'"{self._sha256}"',
                },
            )
        if path.startswith(STORE):
            return Answer(self._weights, headers={"ETag": f'"{self._sha256}"'}, is_ranged=True)
        if "/resolve/" in path:
            return Answer(status=404, headers={"X-Repo-Commit": _COMMIT, "X-Error-Code": "EntryNotFound"})
        return Answer(b"{}") if path == "/" else Answer(status=404)


def random_weights() -> bytes:
    """A state dict of the narrow model as safetensors, its residual branches awake."""
    return as_safetensors(random_clip(MODEL, NARROW))


def random_clip(model: str, config: dict[str, Any]) -> CLIP:
    """A CLIP of that shape under a known name, its residual branches awake."""
    torch.manual_seed(7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(factory._MODEL_CONFIGS, model, config)
        clip = open_clip.create_model(model, pretrained=None)
    for name, each in clip.named_parameters():
        if name.endswith("bn3.weight"):
            torch.nn.init.ones_(each)
    return clip


def as_safetensors(clip: CLIP) -> bytes:
    return save({name: tensor.contiguous() for name, tensor in clip.state_dict().items()})


def published_file(bottleneck: str) -> bytes:
    """A file in the original repository's form, with its counts."""
    above, dead = ABOVE[bottleneck]
    line = "Unit {} -> (tensor({}, device='cuda:0', dtype=torch.float16), {})\n"
    lines = [line.format(channel, 0.9512, 0.0625) for channel in range(above)]
    lines += [line.format(channel, "nan", "nan") for channel in range(above, above + dead)]
    lines += [line.format(channel, 0.4321, 0.5) for channel in range(above + dead, 2048)]
    return "".join(lines).encode()


def png(colour: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (64, 64), (colour % 256, 80, 200)).save(content, format="PNG")
    return content.getvalue()
