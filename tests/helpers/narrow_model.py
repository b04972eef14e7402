"""A CLIP of RN50's shape, an eighth of its width, with small pictures: for tests that compute much on any model."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("narrow-rn50.json")
NARROW = json.loads(_FILE.read_text())  # 256 units in the last layer; with its text side some 25 MB
NAME = _FILE.stem


def make_known() -> str:
    """Tell this process's open_clip of it; its name, which `--pretrained random` is to follow."""
    import open_clip

    from ingest.network.architectures import resnet_names

    open_clip.add_model_config(_FILE)
    resnet_names.cache_clear()
    return NAME


def put_into(folder: Path, factor: float = 1.0) -> str:
    """A checkpoint of it for processes that need not know it: `local-dir:` of the folder. Whole at every moment.

    factor: of the last convolution, which makes it another model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": NARROW, "preprocess_cfg": {}}))
    (folder / "new").write_bytes(_weights(factor))
    (folder / "new").rename(folder / "open_clip_model.safetensors")
    return f"local-dir:{folder}"


@cache
def _weights(factor: float) -> bytes:
    from safetensors.torch import save

    from ingest.network.model import load_model

    state = load_model(make_known(), "random").visual.state_dict()
    state["layer4.2.conv3.weight"] = factor * state["layer4.2.conv3.weight"]
    return save({f"visual.{name}": tensor.contiguous() for name, tensor in state.items()})
