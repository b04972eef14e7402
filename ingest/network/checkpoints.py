"""Weights of a CLIP ResNet from any file: found under whatever names, fitted to the model, or refused with reasons.

Accepted are safetensors, OpenAI's TorchScript archives and PyTorch's checkpoints, old and new, of any precision and
file name: a bare state dict or one inside something else (`state_dict`, `model`, `module.`, `_orig_mod.`, beside an
optimizer and an epoch), with both sides of CLIP or the vision side alone. Nothing in a file is executed (`archives`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from open_clip.model import CLIP
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ingest.network.architectures import Architecture, architecture, resnet_names
from ingest.network.archives import Stored, stored_tensors
from ingest.network.pickles import Unreadable
from warehouse.errors import ModelUnavailable

_VISION = "visual."
_POSITIONS = "attnpool.positional_embedding"
_MARKS = (_POSITIONS, "layer1.0.conv1.weight")  # names by which a vision side is recognised
_COUNTER = "num_batches_tracked"  # of a batch norm in training: not a weight, and not in every file
_PREFERRED_ROOTS = ("state_dict.", "model.")
_LISTED = 3
_FILLING = (torch.nn.init.normal_, torch.nn.init.zeros_)
_OUTPUT = "attnpool.c_proj.weight"
_QUICK = "-quickgelu"
TAKEN = (
    "taken are safetensors, OpenAI's TorchScript archives and PyTorch checkpoints with the weights of a CLIP ResNet, "
    "or of its vision side alone"
)


@dataclass(frozen=True)
class Checkpoint:
    """A file's tensors, not yet read: those of the vision side by the module's own names, and all others."""

    path: Path
    vision: Mapping[str, Stored]
    beside: Mapping[str, Stored]

    @property
    def map_side(self) -> int | None:
        """Side of the final map that the attention pool was trained for; None when the file does not tell."""
        positions = self.vision.get(_POSITIONS)
        if positions is None or len(positions.shape) != 2 or positions.shape[0] < 2:
            return None
        side = math.isqrt(positions.shape[0] - 1)
        return side if side**2 == positions.shape[0] - 1 else None


def read_checkpoint(path: Path) -> Checkpoint:
    """Find the vision side in a file. Raises ModelUnavailable, which says what the file is and what is accepted."""
    try:
        stored = stored_tensors(path)
    except Unreadable as error:
        raise ModelUnavailable(f"cannot load {path}: it is {error}; {TAKEN}") from error
    except OSError as error:
        raise ModelUnavailable(f"cannot read {path}: {error.strerror or error}; name another file") from error
    root = _root(path, stored)
    vision = {name.removeprefix(root): each for name, each in stored.items() if name.startswith(root)}
    above = root.removesuffix(_VISION)
    beside = {name.removeprefix(above): each for name, each in stored.items() if name.startswith(above)}
    is_alone = above == root
    return Checkpoint(path, vision, {} if is_alone else {n: e for n, e in beside.items() if not n.startswith(_VISION)})


def fitted(built: Architecture, checkpoint: Checkpoint) -> ModifiedResNet:
    """The vision side with the file's weights in float32, at the image size that they were trained for.

    Raises ModelUnavailable with the names that are missing, unknown, or of another shape.
    """
    side = checkpoint.map_side or built.map_side
    built = built if side == built.map_side else built.for_map(side)
    with _Unfilled():
        visual = built.vision()
    _require_fit(built.name, checkpoint, visual)
    state = {name: _read(checkpoint, name, each) for name, each in checkpoint.vision.items()}
    counters = (name for name in visual.state_dict() if name.endswith(_COUNTER))
    visual.load_state_dict({**{name: torch.tensor(0) for name in counters}, **state}, assign=True)
    return visual


def load_text(clip: CLIP, checkpoint: Checkpoint) -> None:
    """Give a CLIP the file's text side. Raises ModelUnavailable for a file of the vision side alone."""
    wanted = {name: each for name, each in clip.state_dict().items() if not name.startswith(_VISION)}
    missing = [name for name in wanted if name not in checkpoint.beside]
    if missing:
        raise ModelUnavailable(
            f"{checkpoint.path} has no text side, which this needs ({len(missing):,} of {len(wanted):,} tensors "
            f"missing: {_some(missing)}): name a checkpoint of both sides; words, "
            "pictures, weights, features, microscope and shares need the vision side alone"
        )
    others = [name for name in wanted if math.prod(checkpoint.beside[name].shape) != wanted[name].numel()]
    if others:
        raise ModelUnavailable(f"{checkpoint.path}: its text side is of another shape: {_some(others)}")
    state = {
        name: _read(checkpoint, name, checkpoint.beside[name]).reshape(each.shape) for name, each in wanted.items()
    }
    clip.load_state_dict(state, strict=False)


class _Unfilled(TorchFunctionMode):
    """Modules get shapes, no memory and no first numbers. (On the meta device PyTorch would import its compiler.)"""

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, arguments: Any = (), named: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(named or {})
        if function in _FILLING:
            return named["tensor"]
        if function is torch.empty and named.get("device") is None:
            named["device"] = "meta"
        return function(*arguments, **named)


def _read(checkpoint: Checkpoint, name: str, stored: Stored) -> Tensor:
    try:
        tensor = stored.read()
    except (Unreadable, OSError, KeyError) as error:
        raise ModelUnavailable(f"cannot load {checkpoint.path}: {name} is torn ({error}); fetch it again") from error
    return tensor.float() if tensor.is_floating_point() else tensor


def _root(path: Path, stored: Mapping[str, Stored]) -> str:
    """The prefix of the names of the vision side. Raises ModelUnavailable when there is no vision side, or several."""
    for mark in _MARKS:
        roots = sorted(
            {name.removesuffix(mark) for name in stored if name.endswith(mark)}, key=lambda root: (len(root), root)
        )
        preferred = [root for start in _PREFERRED_ROOTS for root in roots if root.startswith(start)]
        if len(roots) == 1 or preferred:
            return (preferred or roots)[0]
        if roots:
            listed = ", ".join(root.rstrip(".") or "the top" for root in roots)
            raise ModelUnavailable(
                f"{path} holds several vision sides, under {listed}: save the one that is meant alone"
            )
    if not stored:
        raise ModelUnavailable(f"cannot load {path}: there is no tensor in it; {TAKEN}")
    is_transformer = any("visual.transformer." in name for name in stored)
    kind = "a vision transformer's" if is_transformer else "none of a CLIP ResNet's vision side"
    raise ModelUnavailable(
        f"cannot load {path}: its {len(stored):,} tensors ({_some(sorted(stored))}) are {kind}; {TAKEN}"
    )


def _require_fit(name: str, checkpoint: Checkpoint, visual: ModifiedResNet) -> None:
    wanted = _shapes(visual)
    shapes = {key: each.shape for key, each in checkpoint.vision.items() if not key.endswith(_COUNTER)}
    missing = [key for key in wanted if key not in shapes]
    unknown = [key for key in shapes if key not in wanted]
    others = [
        f"{key} {_shape(shapes[key])} instead of {_shape(wanted[key])}"
        for key in wanted
        if key in shapes and shapes[key] != wanted[key]
    ]
    faults = [
        f"{len(listed):,} {what}: {_some(listed)}"
        for listed, what in (
            (missing, f"of {len(wanted):,} tensors missing"),
            (others, f"of {len(wanted):,} tensors of another shape"),
            (unknown, "that it does not have"),
        )
        if listed
    ]
    if faults:
        known = _known_as(name, shapes)
        hint = f"; these are weights of {known}: --model {known}" if known else ""
        raise ModelUnavailable(f"cannot load {checkpoint.path} as {name}: {'; '.join(faults)}{hint}")


def _known_as(asked: str, shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """The architecture that fits a file's shapes; of two, the one with the requested model's activation function."""
    stages = [{name.split(".")[1] for name in shapes if name.startswith(f"layer{number}.")} for number in (1, 2, 3, 4)]
    shape = [len(stage) for stage in stages], shapes.get("conv3.weight", (0,))[0], shapes.get(_OUTPUT, (0,))[0]
    for name in sorted(resnet_names(), key=lambda known: known.endswith(_QUICK) != asked.endswith(_QUICK)):
        config = architecture(name).config
        vision = config["vision_cfg"]
        if shape == (list(vision["layers"]), vision.get("width", 64), config["embed_dim"]):
            return name
    return None


def _shapes(visual: ModifiedResNet) -> dict[str, tuple[int, ...]]:
    return {name: tuple(each.shape) for name, each in visual.state_dict().items() if not name.endswith(_COUNTER)}


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"


def _some(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
