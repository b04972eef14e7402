"""Loading models: bundled, random, from a folder or a file, stored ones again; and what cannot be loaded."""

from __future__ import annotations

import pickle
import shutil
from argparse import Namespace
from pathlib import Path

import open_clip
import pytest
import torch
from safetensors.torch import save_file

from helpers.narrow_model import make_known
from ingest.assets import ASSETS
from ingest.commands.running import model_of
from ingest.network.architectures import BUNDLED_MODEL, resnet_names
from ingest.network.model import load_model, load_stored
from warehouse.errors import ModelUnavailable, UsageError


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return {name: tensor.contiguous() for name, tensor in open_clip.create_model("RN50").state_dict().items()}


def test_the_bundled_model_loads_and_has_rn50s_addresses() -> None:
    model = load_model(BUNDLED_MODEL)
    assert (model.model_name, model.pretrained_tag) == ("emoji-rn50", "bundled")
    assert [layer.layer_name for layer in model.layers][-1] == "4/2/6"
    assert len(model.layers) == 68


def test_one_state_has_one_fingerprint_in_every_file_format(state, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "plain.pt")
    torch.save(
        {"epoch": 1, "state_dict": {f"module.{name}": value for name, value in state.items()}}, tmp_path / "t.pt"
    )
    save_file(state, str(tmp_path / "weights.safetensors"))
    names = ("plain.pt", "t.pt", "weights.safetensors")
    loaded = [load_model("RN50", str(tmp_path / name)) for name in names]
    assert len({model.weights_sha256 for model in loaded}) == 1
    assert load_model("RN50", "random", seed=1).weights_sha256 != loaded[0].weights_sha256


def test_local_dir(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / BUNDLED_MODEL, tmp_path / "mine")
    model = load_model(f"local-dir:{tmp_path / 'mine'}")
    assert model.weights_sha256 == load_model(BUNDLED_MODEL).weights_sha256
    assert model.image_size_px == load_model(BUNDLED_MODEL).image_size_px


@pytest.mark.parametrize(("pretrained", "said"), [(None, "--seed 4 changes no weights"), ("random", "")])
def test_a_seed_that_changes_no_weights_is_reported(
    pretrained: str | None, said: str, capsys: pytest.CaptureFixture
) -> None:
    model_of(Namespace(model=BUNDLED_MODEL if said else make_known(), pretrained=pretrained, seed=4))
    told = capsys.readouterr().err
    assert told.startswith(said) and bool(told) == bool(said)


@pytest.mark.parametrize("pretrained", ["openai", "weights.pt", "Random", ""])
@pytest.mark.parametrize("model", [BUNDLED_MODEL, f"local-dir:{ASSETS / BUNDLED_MODEL}"])
def test_weights_that_a_model_would_not_take_are_a_usage_error(model: str, pretrained: str) -> None:
    with pytest.raises(UsageError, match="--model RN50-quickgelu --pretrained"):
        load_model(model, pretrained)


def test_a_relative_place_is_kept_as_one_that_leads_there_from_anywhere(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ASSETS / BUNDLED_MODEL, tmp_path / "mine")
    torch.save(open_clip.create_model(tiny).state_dict(), tmp_path / "weights.pt")
    (tmp_path / "elsewhere").mkdir()
    typed = load_model("local-dir:mine"), load_model(tiny, "weights.pt")
    monkeypatch.chdir(tmp_path / "elsewhere")
    for model in typed:
        again = load_stored(model.model_name, model.pretrained_tag, model.weights_sha256)
        assert again.weights_sha256 == model.weights_sha256
    assert typed[0].model_name == f"local-dir:{tmp_path / 'mine'}"
    assert (typed[1].model_name, typed[1].pretrained_tag) == (tiny, str(tmp_path / "weights.pt"))


def test_random_is_decided_by_its_seed_and_leaves_the_generator_alone() -> None:
    torch.manual_seed(11)
    before = torch.random.get_rng_state()
    first, second, other = (load_model(BUNDLED_MODEL, "random", seed=seed) for seed in (5, 5, 6))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert first.weights_sha256 == second.weights_sha256 != other.weights_sha256
    assert first.pretrained_tag == "random-5"


def test_random_has_living_residual_branches() -> None:
    model = load_model(BUNDLED_MODEL, "random")
    assert all((bottleneck.conv3.scale > 0).all() for bottleneck in model.trunk.bottlenecks)


def test_a_stored_model_is_found_again() -> None:
    model = load_model(BUNDLED_MODEL, "random", seed=4)
    assert load_stored("emoji-rn50", "random-4", model.weights_sha256).weights_sha256 == model.weights_sha256
    with pytest.raises(ModelUnavailable, match="other weights"):
        load_stored("emoji-rn50", "bundled", model.weights_sha256)


@pytest.mark.parametrize("name", ["RN50", "RN50-quickgelu", "RN101", "RN50x4", "RN50x16", "RN50x64", "emoji-rn50"])
def test_every_clip_resnet_is_offered(name: str) -> None:
    assert name in resnet_names()


@pytest.mark.parametrize(
    ("model", "pretrained", "said"),
    [
        ("ViT-B-32", "openai", "take one of emoji-rn50, "),
        ("RN51", None, "no model 'RN51': take one of"),
        ("RN50", "openia", "take openai, yfcc15m, cc12m, a checkpoint file, or random"),
        ("local-dir:/nowhere", None, "no model at /nowhere"),
        ("RN50x4", str(ASSETS / BUNDLED_MODEL / "open_clip_model.safetensors"), "these are weights of emoji-rn50"),
    ],
)
def test_what_cannot_be_loaded_is_one_clear_line(model: str, pretrained: str | None, said: str) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        load_model(model, pretrained)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_a_checkpoint_is_one_clear_line(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pt"
    junk.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelUnavailable, match=r"cannot load .*junk\.pt: it is not a complete pickle"):
        load_model("RN50", str(junk))


def test_no_network_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.network.hub.hub_answers", lambda: False)
    monkeypatch.setattr("ingest.network.hub._is_cached", lambda model, tag: False)
    with pytest.raises(ModelUnavailable, match="--model emoji-rn50"):
        load_model("RN50", "openai")


class _Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


def test_a_malicious_pickle_does_not_run(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    (tmp_path / "evil.pt").write_bytes(pickle.dumps({"state_dict": _Payload(target)}))
    torch.save({"state_dict": _Payload(target)}, tmp_path / "evil2.pt")
    for name in ("evil.pt", "evil2.pt"):
        with pytest.raises(ModelUnavailable):
            load_model("RN50", str(tmp_path / name))
    assert not target.exists()
