"""Weights in every form that people have: each gives the same model, or one line that says what the file is."""

from __future__ import annotations

import argparse
import io
import json
import tarfile
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from open_clip.model import CLIP
from safetensors.torch import save_file

from helpers.openai_archives import halved, save_archive
from ingest.network.model import load_clip, load_model
from warehouse.errors import ModelUnavailable, UsageError

CONFIG = {
    "embed_dim": 32,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "head_width": 8, "patch_size": None},
    "text_cfg": {"context_length": 8, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1},
}
State = dict[str, torch.Tensor]


def clip_of(image_size_px: int = 64) -> CLIP:
    torch.manual_seed(3)
    clip = CLIP(**{**CONFIG, "vision_cfg": {**CONFIG["vision_cfg"], "image_size": image_size_px}})
    for module in clip.visual.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after training: no statistic is the one it began with
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
            torch.nn.init.ones_(module.weight)
    return halved(clip)


@pytest.fixture(scope="module")
def state() -> State:
    return {name: tensor.clone() for name, tensor in clip_of().state_dict().items()}


@pytest.fixture(scope="module")
def folder(state: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, and weights that are all zero: whoever takes those has not listened."""
    made = tmp_path_factory.mktemp("models") / "narrow"
    made.mkdir()
    (made / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG}))
    save_file({name: torch.zeros_like(each) for name, each in state.items()}, made / "open_clip_model.safetensors")
    return made


@pytest.fixture(scope="module")
def sha256(state: State, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("plain") / "weights.safetensors"
    save_file({name: each.contiguous() for name, each in state.items()}, file)
    return load_model(f"local-dir:{folder}", str(file)).weights_sha256


def prefixed(prefix: str, state: State) -> State:
    return OrderedDict((prefix + name, each) for name, each in state.items())


def vision(state: State, prefix: str) -> State:
    own = {name: each for name, each in state.items() if name.startswith("visual.")}
    return {prefix + name.removeprefix("visual."): each for name, each in own.items()}


def trained(state: State) -> dict[str, object]:
    """As open_clip's training saves it: an optimizer with two tensors a weight beside it."""
    weights = [torch.nn.Parameter(each.float().clone()) for each in state.values() if each.is_floating_point()]
    optimizer = torch.optim.AdamW(weights)
    sum(weight.sum() for weight in weights).backward()
    optimizer.step()
    return {"epoch": 3, "name": "x", "state_dict": prefixed("module.", state), "optimizer": optimizer.state_dict()}


def cast(state: State, dtype: torch.dtype) -> State:
    return {name: each.to(dtype) if each.is_floating_point() else each for name, each in state.items()}


KINDS: dict[str, Callable[[State], object]] = {
    "plain": lambda state: state,
    "half": lambda state: cast(state, torch.float16),
    "double": lambda state: cast(state, torch.float64),
    "of a training": trained,
    "a numpy scalar beside": lambda state: {
        "state_dict": state,
        "best": np.float64(0.3),
        "args": argparse.Namespace(a=1),
    },
    "compiled": lambda state: prefixed("_orig_mod.", state),
    "compiled, in parallel": lambda state: {"state_dict": prefixed("module._orig_mod.", state)},
    "under model": lambda state: {"model": state},
    "of Lightning": lambda state: {"state_dict": prefixed("model.", state), "pytorch-lightning_version": "2"},
    "with an average beside": lambda state: {"state_dict": state, "ema": cast(state, torch.float16)},
    "vision side alone": lambda state: vision(state, ""),
    "vision side, named": lambda state: vision(state, "visual."),
    "parameters": lambda state: {name: torch.nn.Parameter(e, requires_grad=False) for name, e in state.items()},
    "a head of its own beside": lambda state: {**state, "head.weight": torch.ones(10, 32)},
    "without counters": lambda state: {name: e for name, e in state.items() if "num_batches" not in name},
    "not in order": lambda state: {name: e.T.contiguous().T if e.ndim == 2 else e for name, e in state.items()},
}


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "stream"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_state_is_one_model_in_every_form(
    kind: str, is_zip: bool, state: State, folder: Path, sha256: str, tmp_path: Path
) -> None:
    file = tmp_path / "a file whose name says nothing"
    torch.save(KINDS[kind](state), file, _use_new_zipfile_serialization=is_zip)
    assert load_model(f"local-dir:{folder}", str(file)).weights_sha256 == sha256


def test_a_brain_floats_numbers_are_taken_as_they_are(state: State, folder: Path, tmp_path: Path) -> None:
    short = cast(state, torch.bfloat16)
    torch.save(short, tmp_path / "short.pt")
    torch.save(cast(short, torch.float32), tmp_path / "long.pt")
    save_file({name: each.contiguous() for name, each in short.items()}, tmp_path / "short.safetensors")
    models = [load_model(f"local-dir:{folder}", str(file)) for file in sorted(tmp_path.iterdir())]
    assert len({model.weights_sha256 for model in models}) == 1


def test_a_module_that_was_pickled_whole_is_read_without_its_class(folder: Path, sha256: str, tmp_path: Path) -> None:
    torch.save(clip_of(), tmp_path / "whole.pt")
    assert load_model(f"local-dir:{folder}", str(tmp_path / "whole.pt")).weights_sha256 == sha256


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("archive") / "RN50.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing, which has its doubts about sizes that are numbers
        save_archive(clip_of(), file, 64)
    return file


def test_an_archive_like_openais_is_the_same_model(archive: Path, folder: Path, sha256: str) -> None:
    model = load_model(f"local-dir:{folder}", str(archive))
    assert model.weights_sha256 == sha256
    assert all(each.dtype == torch.float32 for each in model.visual.state_dict().values() if each.is_floating_point())
    with zipfile.ZipFile(archive) as opened:
        assert any("/code/" in name for name in opened.namelist()), "a TorchScript archive, as PyTorch makes it"
    with warnings.catch_warnings(), pytest.raises(Exception, match="TorchScript"):
        warnings.simplefilter("ignore")
        torch.load(archive, weights_only=True)


def test_the_texts_of_an_archive_are_read_as_open_clip_reads_them(archive: Path, state: State, folder: Path) -> None:
    tokens = torch.arange(16).reshape(2, 8)
    stock = clip_of().eval()
    expected = stock.encode_text(tokens).detach()
    torch.testing.assert_close(load_clip(f"local-dir:{folder}", str(archive)).encode_text(tokens), expected)


def test_weights_of_the_vision_side_alone_have_no_texts_and_say_which_verbs_need_none(
    state: State, folder: Path, tmp_path: Path
) -> None:
    torch.save(vision(state, ""), tmp_path / "vision.pt")
    with pytest.raises(
        ModelUnavailable, match=r"has no text side, which this needs .*words, pictures, weights, features"
    ):
        load_clip(f"local-dir:{folder}", str(tmp_path / "vision.pt"))


def test_the_weights_decide_the_image_size(folder: Path, tmp_path: Path) -> None:
    torch.save(clip_of(96).state_dict(), tmp_path / "larger.pt")
    model = load_model(f"local-dir:{folder}", str(tmp_path / "larger.pt"))
    assert model.image_size_px == 96
    assert model.visual(torch.zeros(1, 3, 96, 96)).shape == (1, 32)


def test_a_refusal_lists_what_is_there_and_what_is_missing(state: State, folder: Path, tmp_path: Path) -> None:
    changed = {**state, "visual.extra": torch.zeros(1), "visual.conv1.weight": torch.zeros(3, 3)}
    del changed["visual.layer4.0.conv3.weight"], changed["visual.bn1.bias"]
    torch.save(changed, tmp_path / "changed.pt")
    with pytest.raises(ModelUnavailable) as caught:
        load_model(f"local-dir:{folder}", str(tmp_path / "changed.pt"))
    said = str(caught.value)
    assert "2 of 104 tensors missing: bn1.bias, layer4.0.conv3.weight;" in said
    assert "1 of 104 tensors of another shape: conv1.weight 3x3 instead of 4x3x3x3;" in said
    assert said.endswith("1 that it does not have: extra")


def packed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("weights"))
    return file.getvalue()


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


FOREIGN = {
    "an empty file": b"",
    "a web page": b"<!DOCTYPE html><html>403</html>",
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00",
    "gzip": b"\x1f\x8b\x08\x00",
    "a tar": packed(),
    "a zip without data.pkl": zipped("readme.txt"),
    "not a complete pickle": b"not a checkpoint",
    "HDF5": b"\x89HDF\r\n\x1a\n",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_refusal_of_a_file_of_something_else_says_what_it_is(kind: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FOREIGN[kind])
    with pytest.raises(ModelUnavailable, match=f"it is {kind}.*; taken are safetensors, OpenAI's TorchScript archives"):
        load_model(f"local-dir:{folder}", str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ({}, "there is no tensor in it"),
        ({"epoch": 3}, "there is no tensor in it"),
        ({"visual.transformer.resblocks.0.ln_1.weight": torch.ones(3)}, "are a vision transformer's"),
        ({"weight": torch.ones(3)}, r"its 1 tensors \(weight\) are none of a CLIP ResNet's vision side"),
    ],
)
def test_the_refusal_of_a_checkpoint_of_something_else_says_what_it_holds(
    saved: dict[str, object], said: str, folder: Path, tmp_path: Path
) -> None:
    torch.save(saved, tmp_path / "file.pt")
    with pytest.raises(ModelUnavailable, match=said):
        load_model(f"local-dir:{folder}", str(tmp_path / "file.pt"))


def test_two_vision_sides_in_one_file_are_not_chosen_from(state: State, folder: Path, tmp_path: Path) -> None:
    torch.save({"teacher": state, "student": state}, tmp_path / "two.pt")
    with pytest.raises(ModelUnavailable, match=r"several vision sides, under student\.visual, teacher\.visual"):
        load_model(f"local-dir:{folder}", str(tmp_path / "two.pt"))


def test_a_folder_as_a_training_leaves_it_gives_its_last_epoch(state: State, sha256: str, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))  # without model_cfg, as it is trained from
    for epoch in (2, 10, 9):
        values = state if epoch == 10 else cast(state, torch.bfloat16)
        torch.save(
            {"epoch": epoch, "state_dict": prefixed("module.", values)}, tmp_path / "checkpoints" / f"epoch_{epoch}.pt"
        )
    model = load_model(f"local-dir:{tmp_path}")
    assert model.weights_sha256 == sha256
    assert model.pretrained_tag == str(tmp_path / "checkpoints" / "epoch_10.pt")
    other = load_model(f"local-dir:{tmp_path}", str(tmp_path / "checkpoints" / "epoch_9.pt"))
    assert (other.model_name, other.pretrained_tag) == (model.model_name, str(tmp_path / "checkpoints" / "epoch_9.pt"))
    assert load_model(f"local-dir:{tmp_path}", f"{tmp_path}/checkpoints").pretrained_tag == model.pretrained_tag


def test_other_files_are_not_taken_for_epochs(state: State, tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    with pytest.raises(ModelUnavailable, match="no weights in"):
        load_model(f"local-dir:{tmp_path}")
    torch.save(state, tmp_path / "mine.pt")
    assert load_model(f"local-dir:{tmp_path}").pretrained_tag == str(tmp_path / "mine.pt")
    torch.save(state, tmp_path / "yours.pt")
    with pytest.raises(ModelUnavailable, match=r"holds mine\.pt, yours\.pt: name one with --pretrained"):
        load_model(f"local-dir:{tmp_path}")


def test_a_training_that_names_its_architecture_needs_no_configuration(tiny: str, tmp_path: Path) -> None:
    (tmp_path / "params.txt").write_text(f"batch_size: 64\nmodel: {tiny}\nname: x\n")
    (tmp_path / "checkpoints").mkdir()
    weights = open_clip.create_model(tiny).visual.state_dict()
    torch.save(weights, tmp_path / "checkpoints" / "epoch_1.pt")
    model = load_model(f"local-dir:{tmp_path}")
    assert (model.model_name, model.layers[-1].layer_name) == (f"local-dir:{tmp_path}", "4/0/8")


def test_weights_that_a_model_does_not_take_are_refused_before_any_work(folder: Path) -> None:
    for named in ("openai", "nowhere.pt"):
        with pytest.raises(UsageError, match=f"--pretrained {named}: no such file"):
            load_model(f"local-dir:{folder}", named)


def test_a_relative_path_is_kept_whole(
    state: State, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(state, tmp_path / "mine.pt")
    monkeypatch.chdir(tmp_path)
    model = load_model(f"local-dir:{folder}", "mine.pt")
    assert model.pretrained_tag == str(tmp_path / "mine.pt")
    monkeypatch.chdir(folder.parent)
    assert load_model("local-dir:narrow").model_name == f"local-dir:{folder}"
