"""Shapes of CLIP ResNets: open_clip's by name, a folder's by its configuration, and the bundled one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import open_clip
from open_clip.model import CLIP
from open_clip.modified_resnet import ModifiedResNet
from open_clip.transform import PreprocessCfg, merge_preprocess_dict

from ingest.assets import ASSETS
from warehouse.errors import ModelUnavailable

BUNDLED_MODEL = "emoji-rn50"
LOCAL_DIR = "local-dir:"
_CONFIG = "open_clip_config.json"
_TRAINING_PARAMETERS = "params.txt"  # open_clip's training writes its options there
_MODEL_PARAMETER = re.compile(r"^model: (.+)$", re.MULTILINE)
_DOWNSAMPLING = 32  # pixels a position of the final map
_PREFERRED_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
    "open_clip_pytorch_model.pth",
    "model.safetensors",
    "pytorch_model.bin",
    "pytorch_model.pth",
    "model.pth",
)
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pth", ".pt", ".ckpt")
_EPOCH = re.compile(r"epoch_(\d+)\.pt")


@dataclass(frozen=True)
class Architecture:
    """A CLIP ResNet without weights: the configuration of open_clip's CLIP, and how its pictures are prepared."""

    name: str
    config: Mapping[str, Any]
    preprocessing: Mapping[str, Any]

    @property
    def image_size_px(self) -> int:
        return int(self.config["vision_cfg"].get("image_size", 224))

    @property
    def map_side(self) -> int:
        return self.image_size_px // _DOWNSAMPLING

    def for_map(self, side: int) -> Architecture:
        """The same for pictures whose final map has that side; nothing else depends on the size."""
        size = side * _DOWNSAMPLING
        config = {**self.config, "vision_cfg": {**self.config["vision_cfg"], "image_size": size}}
        return replace(self, config=config, preprocessing={**self.preprocessing, "size": size})

    def vision(self) -> ModifiedResNet:
        """The vision side on the current device, initialised by open_clip. Raises ModelUnavailable."""
        shape = self.config["vision_cfg"]
        width = shape.get("width", 64)
        try:
            visual = ModifiedResNet(
                layers=shape["layers"],
                output_dim=self.config["embed_dim"],
                heads=width * 32 // shape.get("head_width", 64),
                image_size=self.image_size_px,
                width=width,
            )
        except (TypeError, ValueError, KeyError, IndexError, RuntimeError, ZeroDivisionError) as error:
            raise ModelUnavailable(f"{self.name}: its configuration does not make a CLIP ResNet ({error})") from error
        visual.preprocess_cfg = dict(self.preprocessing)
        return visual

    def both_sides(self) -> CLIP:
        """The vision and the text side, initialised by open_clip. Raises ModelUnavailable."""
        try:
            return CLIP(**self.config)
        except (TypeError, ValueError, KeyError, RuntimeError) as error:
            raise ModelUnavailable(f"{self.name}: its configuration does not make a CLIP ({error})") from error


def model_folder(model: str) -> Path | None:
    """The folder that a model's name means; None for the name of an architecture, even if a folder is called so."""
    if model == BUNDLED_MODEL:
        return ASSETS / BUNDLED_MODEL
    return Path(model.removeprefix(LOCAL_DIR)) if model.startswith(LOCAL_DIR) else None


def absolute(path: str) -> str:
    """A path that is valid from any folder."""
    return os.path.normpath((Path(path).expanduser() if path.startswith("~/") else Path(path)).absolute())


def architecture(model: str, pretrained_config: Mapping[str, Any] | None = None) -> Architecture:
    """The architecture that a name means. pretrained_config: open_clip's entry for a hub's weights.

    Raises ModelUnavailable.
    """
    folder = model_folder(model)
    if folder is not None:
        return _in_folder(model, folder)
    config = open_clip.get_model_config(model) if model in open_clip.list_models() else None
    if config is None:
        raise ModelUnavailable(f"no model {model!r}: take one of {', '.join(resnet_names())}, or local-dir:PATH")
    return _of_config(model, config, pretrained_config or {})


@cache
def resnet_names() -> tuple[str, ...]:
    """Names that can be loaded: every open_clip architecture with a ModifiedResNet, and the bundled model."""
    configs = {name: open_clip.get_model_config(name) for name in open_clip.list_models()}
    return (BUNDLED_MODEL, *(name for name, config in configs.items() if _is_resnet(config)))


def folder_weights(folder: Path) -> Path:
    """The file that holds a folder's weights. Raises ModelUnavailable when there is none, or no telling which.

    First open_clip's own file names, then the last epoch of a training, then the only file of weights, in the folder
    or in its `checkpoints`.
    """
    for name in _PREFERRED_WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    for place in (folder, folder / "checkpoints"):
        weights = sorted(file for file in place.glob("*") if file.suffix in _WEIGHT_SUFFIXES and file.is_file())
        epochs = [file for file in weights if _EPOCH.fullmatch(file.name)]
        if epochs:
            return max(epochs, key=lambda file: int(_EPOCH.fullmatch(file.name)[1]))  # type: ignore[index]
        if len(weights) == 1:
            return weights[0]
        if weights:
            listed = ", ".join(file.name for file in weights)
            raise ModelUnavailable(f"{place} holds {listed}: name one with --pretrained {place}/FILE")
    raise ModelUnavailable(
        f"no weights in {folder}: put {_PREFERRED_WEIGHTS[0]} there, or name a file with --pretrained FILE"
    )


def is_usual_weights(file: Path) -> bool:
    """Whether a folder's weights have a name that the next training would write too."""
    return file.name in _PREFERRED_WEIGHTS


def _in_folder(model: str, folder: Path) -> Architecture:
    file = folder / _CONFIG
    if not file.is_file():
        if trained := _trained_model(folder):
            return replace(architecture(trained), name=model)
        raise ModelUnavailable(
            f"no model at {folder}: local-dir: takes a folder with {_CONFIG} and weights; if it has moved, what was "
            "measured is kept, and an unfinished run goes on once the folder is back"
        )
    try:
        written = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"cannot read {file} ({error}): write open_clip's configuration as JSON") from error
    if not isinstance(written, dict):
        raise ModelUnavailable(f"{file} is not an open_clip configuration: it must be an object with vision_cfg")
    config = written.get("model_cfg", written)  # wrapped as on the hub, or bare as open_clip's training takes it
    preprocessing = written.get("preprocess_cfg")
    return _of_config(model, config, preprocessing if isinstance(preprocessing, dict) else {})


def _trained_model(folder: Path) -> str | None:
    """The architecture that open_clip's training has written beside its checkpoints."""
    file = folder / _TRAINING_PARAMETERS
    if not file.is_file():
        return None
    match = _MODEL_PARAMETER.search(file.read_text(encoding="utf-8", errors="replace"))
    return match[1].strip() if match and LOCAL_DIR not in match[1] else None


def _of_config(name: str, config: object, preprocessing: Mapping[str, Any]) -> Architecture:
    if not isinstance(config, dict) or not _is_resnet(config):
        raise ModelUnavailable(
            f"{name} is not a CLIP ResNet (its vision_cfg.layers is not a list): "
            f"take one of {', '.join(resnet_names())}, or local-dir:PATH"
        )
    size = config["vision_cfg"].get("image_size", 224)
    if not isinstance(size, int) or size < _DOWNSAMPLING:
        raise ModelUnavailable(f"{name}: image_size {size} is not a size: take a multiple of {_DOWNSAMPLING}")
    prepared = merge_preprocess_dict({**asdict(PreprocessCfg()), "size": size}, dict(preprocessing))
    return Architecture(name, config, {**prepared, "size": size})


def _is_resnet(config: object) -> bool:
    vision = config.get("vision_cfg") if isinstance(config, dict) else None
    return isinstance(vision, dict) and isinstance(vision.get("layers"), list)
