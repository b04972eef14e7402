"""Loading a CLIP ResNet: hub tag, checkpoint file, local folder, random weights, or the bundled model."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import open_clip
import requests
import torch
from huggingface_hub import constants, try_to_load_from_cache
from open_clip.modified_resnet import ModifiedResNet
from open_clip.pretrained import download_pretrained

from ingest.assets import ASSETS
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer, layers_of
from ingest.network.trunk import Trunk, trunk_of
from warehouse.errors import HubGone, ModelUnavailable, UsageError

BUNDLED_MODEL = "emoji-rn50"
RANDOM = "random"
_HUB_TAG, _BUNDLED, _LOCAL = "openai", "bundled", "local"
_LOCAL_DIR = "local-dir:"
_CONFIG = "open_clip_config.json"
_HUB_TIMEOUT_S = 5
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
        """Travels as its name: another process loads the weights itself, and makes sure that they are the same."""
        return load_stored, (self.model_name, self.pretrained_tag, self.weights_sha256)

    def trunk_in(self, arithmetic: Arithmetic) -> Trunk:
        """The trunk on that device in that precision; float64 is folded anew, not widened from float32."""
        exact = arithmetic.dtype == torch.float64
        trunk = trunk_of(self.visual, torch.float64) if exact else self.trunk
        return trunk.to(arithmetic.device, arithmetic.dtype)


def load_model(model: str, pretrained: str | None = None, *, seed: int = 0) -> ClipModel:
    """Load the vision side of a CLIP ResNet on the CPU in float32.

    model: an open_clip name (`RN50-quickgelu`), `local-dir:PATH`, or the bundled `emoji-rn50`. pretrained: a hub
    tag (default `openai`), a checkpoint file, or `random` (seeded by `seed`: the untrained control).
    Raises ModelUnavailable, in one line that says what is possible; UsageError for a seed that is none, or for weights
    that this model does not take.
    """
    model, tag = _found_again(model), _pretrained_tag(model, pretrained)
    visual = load_clip(model, tag, seed=seed).visual
    if not isinstance(visual, ModifiedResNet):
        raise ModelUnavailable(f"{model} is no CLIP ResNet: take one of {_listed(resnet_names())}")
    if tag == RANDOM:
        _wake_residual_branches(visual)
        tag = f"{RANDOM}-{seed}"
    visual = visual.float().eval().requires_grad_(False)
    _require_finite(visual, f"{model} {tag}")
    trunk = trunk_of(visual)
    return ClipModel(
        model_name=model,
        pretrained_tag=tag,
        weights_sha256=weights_sha256(visual),
        visual=visual,
        trunk=trunk,
        layers=layers_of(trunk),
        image_mean=tuple(visual.preprocess_cfg["mean"]),
        image_std=tuple(visual.preprocess_cfg["std"]),
    )


def load_clip(model: str, pretrained: str | None = None, *, seed: int = 0) -> torch.nn.Module:
    """Both sides of the CLIP that `load_model` takes the vision side of, as open_clip makes it. Raises as it."""
    if not 0 <= seed <= _LARGEST_SEED:
        raise UsageError(f"--seed {seed}: take 0 to {_LARGEST_SEED}")
    with _quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _created(_found_again(model), _pretrained_tag(model, pretrained))


def model_folder(model: str) -> Path | None:
    """The folder that a model's name means; None for the name of an architecture, whatever lies beside."""
    if model == BUNDLED_MODEL:
        return ASSETS / BUNDLED_MODEL
    return Path(model.removeprefix(_LOCAL_DIR)) if model.startswith(_LOCAL_DIR) else None


def load_stored(model_name: str, pretrained_tag: str, sha256: str) -> ClipModel:
    """Load a model again by what the warehouse's `models` says of it.

    Raises ModelUnavailable when it is gone, or when its weights are no longer the ones that were measured.
    """
    kind, _, seed = pretrained_tag.partition("-")
    is_random = kind == RANDOM and seed.isdigit()
    model = load_model(model_name, RANDOM if is_random else pretrained_tag, seed=int(seed) if is_random else 0)
    if model.weights_sha256 != sha256:
        raise ModelUnavailable(
            f"{model_name} {pretrained_tag} has other weights now ({model.weights_sha256[:8]}) than were measured "
            f"({sha256[:8]}): ingest again, or put the old weights back"
        )
    return model


@cache
def resnet_names() -> tuple[str, ...]:
    """Names that can be loaded: every open_clip architecture with a ModifiedResNet, and the bundled model."""
    configs = {name: open_clip.get_model_config(name) for name in open_clip.list_models()}
    names = (name for name, config in configs.items() if isinstance(config["vision_cfg"].get("layers"), list))
    return (BUNDLED_MODEL, *names)


def weights_sha256(visual: torch.nn.Module) -> str:
    """SHA-256 over the vision side's state as float32, by sorted name: the same for every file format."""
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
            raise ModelUnavailable(
                f"{name}: {key} holds values that are no numbers or infinite: take another checkpoint"
            )


def hub_answers() -> bool:
    """Whether the model hub answers anything within a few seconds."""
    try:
        requests.head(constants.ENDPOINT, timeout=_HUB_TIMEOUT_S)
    except requests.RequestException:
        return False
    return True


def _pretrained_tag(model: str, pretrained: str | None) -> str:
    """The weights that are meant, a file by its whole path. Raises UsageError for weights that would not be loaded."""
    if model_folder(model) is None:
        return _absolute(pretrained) if pretrained and Path(_absolute(pretrained)).is_file() else pretrained or _HUB_TAG
    own = _BUNDLED if model == BUNDLED_MODEL else _LOCAL
    if pretrained not in (None, RANDOM, own):
        raise UsageError(
            f"--pretrained {pretrained}: {model} comes with its own weights; leave it out, take '{RANDOM}', "
            f"or name the architecture: --model RN50-quickgelu --pretrained {shlex.quote(pretrained)}"
        )
    return pretrained or own


def _found_again(model: str) -> str:
    """A model's name as it is stored: a folder by its whole path, as the next command may be typed elsewhere."""
    is_folder = model.startswith(_LOCAL_DIR)
    return f"{_LOCAL_DIR}{_absolute(model.removeprefix(_LOCAL_DIR))}" if is_folder else model


def _absolute(path: str) -> str:
    return str((Path(path).expanduser() if path.startswith("~/") else Path(path)).absolute())


def _created(model: str, tag: str) -> torch.nn.Module:
    folder = model_folder(model)
    if folder is not None:
        _require_folder(folder)
        return _create(f"{_LOCAL_DIR}{folder}", None, load_weights=tag != RANDOM)
    if model not in open_clip.list_models():
        raise ModelUnavailable(f"no model {model!r}: take one of {_listed(resnet_names())}, or local-dir:PATH")
    if model not in resnet_names():
        raise ModelUnavailable(f"{model} is no CLIP ResNet: take one of {_listed(resnet_names())}")
    if tag == RANDOM:
        return _create(model, None)
    if not Path(tag).is_file():
        _require_downloaded(model, tag)
    return _create(model, tag)


def _require_folder(folder: Path) -> None:
    if not (folder / _CONFIG).is_file():
        raise ModelUnavailable(
            f"no model at {folder}: local-dir: takes a folder with {_CONFIG} and weights; what was measured of one "
            "that is gone is kept, and an unfinished run goes on once it is back"
        )


def _create(model: str, pretrained: str | None, *, load_weights: bool = True) -> torch.nn.Module:
    """open_clip's own loading (weights_only, so a pickle cannot run code), with its errors in one line."""
    try:
        created: torch.nn.Module = open_clip.create_model(
            model,
            pretrained=pretrained,
            load_weights=load_weights,
            weights_only=True,
            require_pretrained=load_weights and (pretrained is not None or model.startswith(_LOCAL_DIR)),
        )
    except Exception as error:  # open_clip, torch, safetensors and pickle raise a dozen unrelated kinds here
        reason = " ".join(str(error).split())
        what = f"{pretrained} as {model}" if pretrained else model
        raise ModelUnavailable(
            f"cannot load {what} ({_shortened(reason)}): the file must hold a state dict of this very architecture"
        ) from error
    return created


def _require_downloaded(model: str, tag: str) -> None:
    """Raises ModelUnavailable for a tag that is none, HubGone when the hub does not answer or sends no weights."""
    tags = open_clip.list_pretrained_tags_by_model(model)
    if tag not in tags:
        raise ModelUnavailable(
            f"{tag!r} is neither a file nor weights of {model}: take {_listed(tags)}, a checkpoint file, or random"
        )
    if _is_cached(model, tag):
        return
    if not hub_answers():
        raise HubGone(f"{model} {tag}", f"{constants.ENDPOINT} does not answer")
    try:
        download_pretrained(open_clip.get_pretrained_cfg(model, tag))
    except Exception as error:  # the hub's client raises its own, httpx's and the system's kinds
        reason = _shortened(" ".join(str(error).split()))
        raise HubGone(f"{model} {tag}", f"{constants.ENDPOINT} does not send it ({reason})") from error


def _is_cached(model: str, tag: str) -> bool:
    repository = open_clip.get_pretrained_cfg(model, tag).get("hf_hub", "").rstrip("/")
    names = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
    return bool(repository) and any(isinstance(try_to_load_from_cache(repository, name), str) for name in names)


def _wake_residual_branches(visual: ModifiedResNet) -> None:
    """Set the last batch norm's gamma of each bottleneck to 1.

    open_clip starts training with it at 0, which leaves every residual branch, and so every index 5, constant: no
    control to compare a trained network with.
    """
    for module in visual.modules():
        if hasattr(module, "bn3") and module is not visual:
            torch.nn.init.ones_(module.bn3.weight)


@contextmanager
def _quiet() -> Iterator[None]:
    """open_clip and the hub report through logging and warnings; our one line says it better."""
    previous = logging.root.manager.disable
    logging.disable(logging.ERROR)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names)


def _shortened(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else f"{text[:limit]} ..."
