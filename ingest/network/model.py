"""Loading a CLIP ResNet: hub tag, checkpoint file, local folder, random weights, or the bundled model."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import open_clip
import torch
from open_clip.model import CLIP
from open_clip.modified_resnet import ModifiedResNet

from ingest.network import checkpoints
from ingest.network.architectures import (
    BUNDLED_MODEL,
    LOCAL_DIR,
    Architecture,
    absolute,
    architecture,
    folder_weights,
    is_usual_weights,
    model_folder,
)
from ingest.network.device import Arithmetic
from ingest.network.hub import downloaded
from ingest.network.layers import Layer, layers_of
from ingest.network.trunk import Trunk, trunk_of
from warehouse.errors import ModelUnavailable, UsageError

RANDOM = "random"
_HUB_TAG, _BUNDLED, _LOCAL = "openai", "bundled", "local"
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class ClipModel:
    """A loaded vision side. `visual` is open_clip's module in float32, eval mode; `trunk` its tensors.

    image_mean and image_std are per RGB channel, for values in 0..1. text_size_px is the font size that suits the
    model's pictures: the article's 20 px for a model of 224 px and more, smaller below.
    """

    model_name: str
    pretrained_tag: str
    weights_sha256: str
    visual: ModifiedResNet
    trunk: Trunk
    layers: tuple[Layer, ...]
    image_mean: tuple[float, ...]
    image_std: tuple[float, ...]

    @property
    def label(self) -> str:
        """As people read it: `RN50 (openai)`."""
        return f"{self.model_name} ({self.pretrained_tag})"

    @property
    def image_size_px(self) -> int:
        return self.trunk.image_size_px

    @property
    def text_size_px(self) -> int:
        return 20 if self.image_size_px >= 224 else max(8, round(self.image_size_px * 3 / 16))

    def __reduce__(self) -> tuple[Callable[..., ClipModel], tuple[str, str, str]]:
        """Pickled as its name: another process loads the weights itself, and checks that they are the same."""
        return load_stored, (self.model_name, self.pretrained_tag, self.weights_sha256)

    def trunk_in(self, arithmetic: Arithmetic) -> Trunk:
        """The trunk on that device in that precision; float64 is folded in float64, not widened from float32."""
        exact = arithmetic.dtype == torch.float64
        trunk = trunk_of(self.visual, torch.float64) if exact else self.trunk
        return trunk.to(arithmetic.device, arithmetic.dtype)


@dataclass(frozen=True)
class _Source:
    """What to load: an architecture, and a file of weights or the seed of random ones."""

    built: Architecture
    tag: str
    weights: Path | None
    seed: int

    def vision(self) -> ModifiedResNet:
        if self.weights is not None:
            return checkpoints.fitted(self.built, checkpoints.read_checkpoint(self.weights))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            visual = self.built.vision()
        _wake_residual_branches(visual)
        return visual


def load_model(model: str, pretrained: str | None = None, *, seed: int = 0) -> ClipModel:
    """Load the vision side of a CLIP ResNet on the CPU in float32.

    model: an open_clip name (`RN50-quickgelu`), `local-dir:PATH`, or the bundled `emoji-rn50`. pretrained: a hub
    tag (default `openai`), a checkpoint file or a folder of them, or `random` (by `seed`: the untrained control).
    Raises ModelUnavailable, in one line that says what is possible; UsageError for a seed out of range, or a tag that
    this model does not have.
    """
    source = _source(model, pretrained, seed)
    visual = source.vision().float().eval().requires_grad_(False)
    _require_finite(visual, f"{source.built.name} {source.tag}")
    trunk = trunk_of(visual)
    return ClipModel(
        model_name=source.built.name,
        pretrained_tag=source.tag,
        weights_sha256=weights_sha256(visual),
        visual=visual,
        trunk=trunk,
        layers=layers_of(trunk),
        image_mean=tuple(source.built.preprocessing["mean"]),
        image_std=tuple(source.built.preprocessing["std"]),
    )


def load_clip(model: str, pretrained: str | None = None, *, seed: int = 0) -> CLIP:
    """Both sides of the CLIP whose vision side `load_model` loads: for measurements that need text.

    Raises as load_model; ModelUnavailable too for weights of the vision side alone.
    """
    source = _source(model, pretrained, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(source.seed)
        clip = source.built.both_sides()
    if source.weights is not None:
        checkpoint = checkpoints.read_checkpoint(source.weights)
        checkpoints.load_text(clip, checkpoint)
        clip.visual = checkpoints.fitted(source.built, checkpoint)
    return clip.float().eval().requires_grad_(False)


def load_stored(model_name: str, pretrained_tag: str, sha256: str) -> ClipModel:
    """Load a model again, from its row in the warehouse's `models`.

    Raises ModelUnavailable when it is gone, or its weights are not those that were measured.
    """
    tag, seed = tag_and_seed(pretrained_tag)
    model = load_model(model_name, tag, seed=seed)
    if model.weights_sha256 != sha256:
        raise ModelUnavailable(
            f"{model_name} {pretrained_tag} has other weights now ({model.weights_sha256[:8]}) than were measured "
            f"({sha256[:8]}): ingest again, or put the old weights back"
        )
    return model


def tag_and_seed(pretrained_tag: str) -> tuple[str, int]:
    """A stored tag as `load_model` takes it: random-3 is `random` with seed 3."""
    kind, _, seed = pretrained_tag.partition("-")
    return (RANDOM, int(seed)) if kind == RANDOM and seed.isdigit() else (pretrained_tag, 0)


def weights_sha256(visual: torch.nn.Module) -> str:
    """SHA-256 over the vision side's state as float32, by sorted name: the same from every file format."""
    digest = hashlib.sha256()
    for name, tensor in sorted(visual.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            continue
        values = tensor.detach().to("cpu", torch.float32).contiguous().numpy()
        digest.update(f"{name}{list(values.shape)}".encode())
        digest.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return digest.hexdigest()


def _require_finite(visual: torch.nn.Module, name: str) -> None:
    for key, tensor in visual.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise ModelUnavailable(f"{name}: {key} holds values that are nan or infinite: take another checkpoint")


def _source(model: str, pretrained: str | None, seed: int) -> _Source:
    """The weights that are meant; a file by its absolute path, as the next command may run in another folder."""
    if not 0 <= seed <= _LARGEST_SEED:
        raise UsageError(f"--seed {seed}: take 0 to {_LARGEST_SEED}")
    if model.startswith(LOCAL_DIR):
        model = f"{LOCAL_DIR}{absolute(model.removeprefix(LOCAL_DIR))}"
    built = architecture(model)
    if pretrained == RANDOM:
        return _Source(built, f"{RANDOM}-{seed}", None, seed)
    if pretrained and (file := _named_file(pretrained)):
        return _Source(built, str(file), file, seed)
    folder = model_folder(model)
    if folder is None:
        tag = pretrained or _HUB_TAG
        file = downloaded(model, tag)
        return _Source(architecture(model, open_clip.get_pretrained_cfg(model, tag)), tag, file, seed)
    own = _BUNDLED if model == BUNDLED_MODEL else _LOCAL
    if pretrained not in (None, own):
        raise UsageError(
            f"--pretrained {pretrained}: no such file, and {model} comes with its own weights; leave it out, name a "
            f"file, take '{RANDOM}', or name the architecture: --model RN50-quickgelu --pretrained "
            f"{shlex.quote(pretrained)}"
        )
    file = folder_weights(folder)
    return _Source(built, own if is_usual_weights(file) else str(file), file, seed)


def _named_file(pretrained: str) -> Path | None:
    """The checkpoint that a path means, a folder by the last of its epochs; None for any other text."""
    path = Path(absolute(pretrained))
    if path.is_dir() and os.sep in pretrained:
        return folder_weights(path)
    return path if path.is_file() else None


def _wake_residual_branches(visual: ModifiedResNet) -> None:
    """Set the last batch norm's gamma of each bottleneck to 1.

    open_clip initialises it to 0, which makes every residual branch, and so every index 5, constant: useless as a
    control for a trained network.
    """
    for module in visual.modules():
        if hasattr(module, "bn3") and module is not visual:
            torch.nn.init.ones_(module.bn3.weight)
