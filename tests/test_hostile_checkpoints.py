"""Checkpoints that want to run something, or are torn, or lie: refused in one line, with nothing executed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from ingest.assets import ASSETS
from ingest.network.model import BUNDLED_MODEL, load_model
from warehouse.errors import ModelUnavailable

BUNDLED = ASSETS / BUNDLED_MODEL
WHOLE = (BUNDLED / "open_clip_model.safetensors").read_bytes()
(HEAD_LENGTH,) = struct.unpack("<Q", WHOLE[:8])
CONVOLUTION = "visual.layer4.2.conv3.weight"


class Payload:
    """What runs when it is unpickled by anything that does not refuse it."""

    def __init__(self, function: Callable[..., object], *arguments: object, state: object = None) -> None:
        self.reduced = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self) -> tuple[object, ...]:
        return self.reduced


def payloads(target: Path) -> dict[str, Payload]:
    """Every one would leave the file `target` behind."""
    python = f"open({str(target)!r}, 'w').close()"
    return {
        "touch": Payload(Path.touch, target),
        "open": Payload(open, str(target), "w"),
        "system": Payload(os.system, f"touch {target}"),
        "popen": Payload(subprocess.Popen, ["touch", str(target)]),
        "eval": Payload(eval, python),
        "exec": Payload(exec, python),
        "torch.save": Payload(torch.save, 1, str(target)),
        "import": Payload(getattr, Payload(__import__, "os"), "remove"),
        "nested": Payload(pickle.loads, pickle.dumps(Payload(exec, python))),
        "state": Payload(dict, state={"x": Payload(exec, python)}),
    }


def legacy(state: object) -> bytes:
    file = BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def zipped(state: object) -> bytes:
    file = BytesIO()
    torch.save(state, file)
    return file.getvalue()


FORMATS: dict[str, Callable[[object], bytes]] = {
    "pickle 0": lambda state: pickle.dumps(state, protocol=0),
    "pickle 2": lambda state: pickle.dumps(state, protocol=2),
    "pickle 5": lambda state: pickle.dumps(state, protocol=5),
    "legacy": legacy,
    "zip": zipped,
}


def in_a_folder(folder: Path, name: str, content: bytes) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(BUNDLED / "open_clip_config.json", folder)
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("kind", FORMATS)
def test_no_checkpoint_runs_anything(kind: str, tmp_path: Path) -> None:
    target, tried = tmp_path / "executed", 0
    for payload in payloads(target).values():
        state = {"state_dict": {"visual.conv1.weight": payload}}
        for name in ("open_clip_pytorch_model.bin", "model.pth", "open_clip_model.safetensors"):
            folder = in_a_folder(tmp_path / "model", name, FORMATS[kind](state))
            with pytest.raises(ModelUnavailable) as caught:
                load_model(f"local-dir:{folder}")
            assert "\n" not in str(caught.value)
            assert not target.exists()
            tried += 1
    print(f"{tried} checkpoints refused, none run")
    assert tried == 30


def test_the_payloads_do_run_where_nothing_refuses_them(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    pickle.loads(pickle.dumps(payloads(target)["exec"]))
    assert target.exists()


def changed(change: Callable[[dict[str, torch.Tensor]], None]) -> bytes:
    state = load_file(BUNDLED / "open_clip_model.safetensors")
    change(state)
    return save({name: tensor.contiguous() for name, tensor in state.items()})


def lying(**said: object) -> bytes:
    head = json.loads(WHOLE[8 : 8 + HEAD_LENGTH])
    head[CONVOLUTION].update(said)
    written = json.dumps(head).encode()
    return struct.pack("<Q", len(written)) + written + WHOLE[8 + HEAD_LENGTH :]


def without(state: dict[str, torch.Tensor]) -> None:
    del state[CONVOLUTION]


UNFIT: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "only a head": lambda: WHOLE[: 8 + HEAD_LENGTH],
    "half a head": lambda: WHOLE[: HEAD_LENGTH // 2],
    "half": lambda: WHOLE[: len(WHOLE) // 2],
    "a byte short": lambda: WHOLE[:-1],
    "a byte more": lambda: WHOLE + b"x",
    "a head of a terabyte": lambda: struct.pack("<Q", 1 << 40) + WHOLE[8:],
    "a head that is no JSON": lambda: WHOLE[:8] + b"x" * HEAD_LENGTH + WHOLE[8 + HEAD_LENGTH :],
    "offsets beyond the end": lambda: lying(data_offsets=[0, 1 << 50]),
    "offsets backwards": lambda: lying(data_offsets=[8, 0]),
    "a shape of a terabyte": lambda: lying(shape=[1 << 40]),
    "a type that is none": lambda: lying(dtype="X99"),
    "another shape": lambda: changed(lambda state: state.update({CONVOLUTION: torch.zeros(3, 3)})),
    "transposed": lambda: changed(lambda state: state.update({CONVOLUTION: state[CONVOLUTION].transpose(0, 1)})),
    "a tensor missing": lambda: changed(without),
    "a tensor more": lambda: changed(lambda state: state.update(extra=torch.zeros(1))),
    "not a number": lambda: changed(lambda state: state[CONVOLUTION].view(-1)[:1].fill_(float("nan"))),
    "infinite": lambda: changed(lambda state: state[CONVOLUTION].view(-1)[-1:].fill_(float("inf"))),
}


@pytest.mark.parametrize("make", UNFIT.values(), ids=UNFIT)
def test_weights_that_do_not_fit_are_refused(make: Callable[[], bytes], tmp_path: Path) -> None:
    folder = in_a_folder(tmp_path / "model", "open_clip_model.safetensors", make())
    with pytest.raises(ModelUnavailable) as caught:
        load_model(f"local-dir:{folder}")
    assert "\n" not in str(caught.value)


CONFIGS = {
    "no JSON": b"{",
    "no object": b"[1]",
    "empty": b"{}",
    "no layers": b'{"model_cfg": {"embed_dim": 256, "vision_cfg": {}, "text_cfg": {}}}',
    "layers of text": b'{"model_cfg": {"embed_dim": "x", "vision_cfg": {"layers": "x"}, "text_cfg": {}}}',
    "not UTF-8": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_configuration_that_is_none_is_refused(config: bytes, tmp_path: Path) -> None:
    folder = in_a_folder(tmp_path / "model", "open_clip_model.safetensors", WHOLE)
    (folder / "open_clip_config.json").write_bytes(config)
    with pytest.raises(ModelUnavailable) as caught:
        load_model(f"local-dir:{folder}")
    assert "\n" not in str(caught.value)
