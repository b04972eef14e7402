"""Checkpoints that want to run something, or are torn, or lie: refused in one line, with nothing executed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from ingest.assets import ASSETS
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.model import load_model
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


@pytest.mark.parametrize("kind", ["legacy", "zip"])
def test_payloads_beside_whole_weights_are_ignored(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "executed"
    whole = load_file(BUNDLED / "open_clip_model.safetensors")
    (tmp_path / "mine.pt").write_bytes(FORMATS[kind]({"first": payloads(target), "state_dict": whole}))
    assert (
        load_model(BUNDLED_MODEL, str(tmp_path / "mine.pt")).weights_sha256 == load_model(BUNDLED_MODEL).weights_sha256
    )
    assert not target.exists()


def archived(payload: Payload) -> dict[str, bytes]:
    """The records of a TorchScript archive that wants to run something wherever it may."""
    code = f"import os\nos.system('touch {payload.reduced[1]}')\ndef forward(self):\n    return 1\n"
    pickled = pickle.dumps({"visual.conv1.weight": payload}, protocol=2)
    return {
        "RN50/data.pkl": pickled,
        "RN50/constants.pkl": pickled,
        "RN50/code/__torch__.py": code.encode(),
        "RN50/code/__torch__.py.debug_pkl": pickled,
        "RN50/version": b"3",
        "RN50/byteorder": b"little",
    }


def test_no_archive_runs_anything(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    for payload in payloads(target).values():
        with zipfile.ZipFile(tmp_path / "RN50.pt", "w") as archive:
            for name, content in archived(payload).items():
                archive.writestr(name, content)
        with pytest.raises(ModelUnavailable) as caught:
            load_model("RN50", str(tmp_path / "RN50.pt"))
        assert "\n" not in str(caught.value)
        assert not target.exists()


def opcodes(*parts: bytes) -> bytes:
    return b"\x80\x02" + b"".join(parts) + b"."


STORAGE = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuJ\xff\xff\xff\x7ftQ"
LYING_PICKLES = {
    "a stack that is empty": opcodes(b"R"),
    "a mark that was never set": opcodes(b"t"),
    "a memory that was never filled": opcodes(b"h\x07"),
    "no end": b"\x80\x02}",
    "an extension": opcodes(b"\x82\x01"),
    "a text of four gigabytes": b"\x80\x02X\xff\xff\xff\xff",
    "a container of itself": opcodes(b"}q\0X\x01\0\0\0ah\0s"),
    "a million million ways": opcodes(
        b"}q\0", *(b"}q%c(X\x01\0\0\0ah%cX\x01\0\0\0bh%cu" % (n + 1, n, n) for n in range(40))
    ),
    "a tensor beyond its storage": opcodes(
        b"}X\x13\0\0\0visual.conv1.weightctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE,
        b"K\0J\xff\xff\xff\x7f\x85K\x01\x85\x89}tRs",
    ),
    "a tensor of negative size": opcodes(
        b"}X\x13\0\0\0visual.conv1.weightctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE,
        b"K\0J\xff\xff\xff\xff\x85K\x01\x85\x89}tRs",
    ),
    "a tensor of one number a terabyte long": opcodes(
        b"}X\x13\0\0\0visual.conv1.weightctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE,
        b"K\0\x8a\x06\0\0\0\0\0\x01\x85K\0\x85\x89}tRs",
    ),
}


@pytest.mark.parametrize("pickled", LYING_PICKLES.values(), ids=LYING_PICKLES)
def test_pickles_that_lie_are_refused(pickled: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "RN50.pt", "w") as archive:
        archive.writestr("RN50/data.pkl", pickled)
        archive.writestr("RN50/data/0", b"\0" * 16)
    with pytest.raises(ModelUnavailable) as caught:
        load_model("RN50", str(tmp_path / "RN50.pt"))
    assert "\n" not in str(caught.value)


def test_records_that_are_packed_or_torn_are_refused(tmp_path: Path) -> None:
    whole = zipped(load_file(BUNDLED / "open_clip_model.safetensors"))
    with (
        zipfile.ZipFile(BytesIO(whole)) as archive,
        zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in archive.namelist():
            bomb.writestr(name, archive.read(name))
    middle = len(whole) // 2
    (tmp_path / "torn.pt").write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    (tmp_path / "short.pt").write_bytes(whole[:middle])
    for name, said in (("bomb", "is packed"), ("torn", "is damaged|is torn"), ("short", "cannot load")):
        with pytest.raises(ModelUnavailable, match=said):
            load_model(BUNDLED_MODEL, str(tmp_path / f"{name}.pt"))


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
    "a head that is not JSON": lambda: WHOLE[:8] + b"x" * HEAD_LENGTH + WHOLE[8 + HEAD_LENGTH :],
    "offsets beyond the end": lambda: lying(data_offsets=[0, 1 << 50]),
    "offsets backwards": lambda: lying(data_offsets=[8, 0]),
    "a shape of a terabyte": lambda: lying(shape=[1 << 40]),
    "a type that does not exist": lambda: lying(dtype="X99"),
    "another shape": lambda: changed(lambda state: state.update({CONVOLUTION: torch.zeros(3, 3)})),
    "transposed": lambda: changed(lambda state: state.update({CONVOLUTION: state[CONVOLUTION].transpose(0, 1)})),
    "a tensor missing": lambda: changed(without),
    "a tensor more": lambda: changed(lambda state: state.update({"visual.extra": torch.zeros(1)})),
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
def test_an_invalid_configuration_is_refused(config: bytes, tmp_path: Path) -> None:
    folder = in_a_folder(tmp_path / "model", "open_clip_model.safetensors", WHOLE)
    (folder / "open_clip_config.json").write_bytes(config)
    with pytest.raises(ModelUnavailable) as caught:
        load_model(f"local-dir:{folder}")
    assert "\n" not in str(caught.value)
