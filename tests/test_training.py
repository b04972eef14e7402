"""Training of the bundled model in miniature: pictures found, batches drawn, steps resumed, weights exported."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

from ingest.bundled.clip import WEIGHTS_NAME, build, tokens
from ingest.bundled.concepts import Concept, concepts, readable_indices
from ingest.bundled.evaluate import HELD_OUT_FONT
from ingest.bundled.styles import STYLES, Style, drawings
from ingest.bundled.training.contact_sheet import UnitTops, drawn
from ingest.bundled.training.data import Sampler, Textures
from ingest.bundled.training.losses import contrastive, named, picture_against_word, unit_codes
from ingest.bundled.training.name_tuning import tune_names
from ingest.bundled.training.packages import packages
from ingest.bundled.training.settings import Settings, asked_for
from ingest.bundled.training.train import Training, export, folded, normalised
from ingest.bundled.words import word_mask

TINY = Settings(steps=4, batch_concepts=6, sizes=((0.0, 32), (0.5, 64)), unit_loss_from=2.0)


@pytest.fixture(scope="module")
def textures() -> Textures:
    generator = torch.Generator().manual_seed(0)
    words = torch.zeros(len(readable_indices()), 96, 96, dtype=torch.uint8)
    words[:, 40:56, 20:76] = 255
    return Textures(
        pictures=torch.randint(0, 256, (len(concepts()), 4, 96, 96), generator=generator, dtype=torch.uint8),
        picture_concepts=torch.arange(len(concepts())),
        words=words,
        word_concepts=torch.tensor(readable_indices()),
    )


def icon_package(folder: Path, style: str, names: dict[str, str], icons: list[str]) -> None:
    """An npm package in miniature: `names` by code points, `icons` with their own name as body."""
    path = folder / "@iconify-json" / style
    path.mkdir(parents=True)
    path.joinpath("icons.json").write_text(
        json.dumps(
            {"icons": {icon: {"body": icon} for icon in icons}, "aliases": {"old": {"parent": icons[0]}}, "width": 8}
        )
    )
    path.joinpath("chars.json").write_text(json.dumps(names))


def test_drawings_are_found_by_code_points_by_name_and_run_together(tmp_path: Path) -> None:
    wanted = (Concept("alarm clock", "23f0", ()), Concept("red heart", "2764", ()))
    icon_package(tmp_path, "noto", {"23f0": "old", "2764-fe0f": "heart"}, ["clock", "heart"])
    icon_package(tmp_path, "fxemoji", {}, ["alarmclock", "heavyblackheart"])
    icon_package(tmp_path, "emojione", {}, ["alarm-clock", "heart"])
    noto, joined, slugs = (drawings(tmp_path, Style(name, "", ""), wanted) for name in ("noto", "fxemoji", "emojione"))
    assert ">clock<" in noto[0] and ">heart<" in noto[1]
    assert ">alarmclock<" in joined[0] and ">heavyblackheart<" in joined[1]
    assert ">alarm-clock<" in slugs[0] and ">heart<" in slugs[1]
    assert 'viewBox="0 0 8 16"' in noto[0]


def test_no_held_out_package_is_trained_on_and_every_package_has_a_version() -> None:
    assert {style.style for style in STYLES if style.is_held_out} == {"twemoji", "openmoji"}
    assert not any("SA" in style.licence for style in STYLES if not style.is_held_out or style.is_shipped)
    assert not any("cantarell" in package for package in packages())
    assert all("@" in package[1:] for package in packages())


@pytest.mark.parametrize("two_lines", [False, True])
def test_words_fit_their_picture(two_lines: bool) -> None:
    for text in ("ox", "hot pepper", "thermometer"):
        mask = word_mask(text, HELD_OUT_FONT, 96, on_two_lines=two_lines)
        rows, columns = np.nonzero(mask > 128)
        assert mask.shape == (96, 96)
        assert columns.min() >= 2 and columns.max() <= 93
        assert abs(rows.mean() - 48) < 12 and abs(columns.mean() - 48) < 8


def test_batches_are_decided_by_the_seed(textures: Textures) -> None:
    def batch(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        sampler = Sampler(textures, torch.Generator().manual_seed(seed))
        wanted = sampler.concepts(8)
        return sampler.pictures(wanted, 64, 0.5), sampler.words(wanted, 64)[1]

    (pictures, words), again, other = batch(1), batch(1), batch(2)
    assert pictures.shape == (8, 3, 64, 64) and words.shape[1:] == (3, 64, 64)
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert torch.equal(pictures, again[0]) and torch.equal(words, again[1])
    assert not torch.equal(pictures, other[0])


def drawn_on_the_left(concept: str, calm: float = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """200 pictures [N, 3, 64, 64] of a concept whose drawing is a red left half, and how far left each has its ink."""
    index = [concept.name for concept in concepts()].index(concept)
    half = torch.zeros(len(concepts()), 4, 96, 96, dtype=torch.uint8)
    half[:, 0, :, :48], half[:, 3, :, :48] = 230, 255
    nothing = torch.zeros(1, 96, 96, dtype=torch.uint8)
    textures = Textures(half, torch.arange(len(concepts())), nothing, torch.tensor([readable_indices()[0]]))
    sampler = Sampler(textures, torch.Generator().manual_seed(0))
    pictures = sampler.pictures(torch.full((200,), index), 64, calm)
    darkness = 1 - pictures.amin(1)
    return pictures, (darkness[:, :, :32].mean((1, 2)) - darkness[:, :, 32:].mean((1, 2)))


def test_drawings_are_mirrored_but_not_signs() -> None:
    assert (drawn_on_the_left("right arrow")[1] > 0).float().mean() > 0.75
    assert 0.3 < (drawn_on_the_left("snake")[1] > 0).float().mean() < 0.7


def test_calm_pictures_are_shown_nearly_as_drawn() -> None:
    calm, leftness = drawn_on_the_left("snake", calm=1)
    wild, _ = drawn_on_the_left("snake")
    assert (leftness > 0).all()
    assert calm[..., -8:].mean() > 0.8 > wild[..., -8:].mean()
    assert calm.std(0).mean() < wild.std(0).mean() / 2


def test_what_is_told_by_its_colour_keeps_it() -> None:
    def redness(concept: str) -> torch.Tensor:
        pictures, leftness = drawn_on_the_left(concept)
        corner = pictures[leftness > 0.1][:, :, 16:48, 8:20].mean((2, 3))
        return corner[:, 0] - corner[:, 1:].amax(1)

    assert redness("red heart").quantile(0.1) > 0.3 > redness("snake").quantile(0.1)


def test_a_step_takes_the_mean_gradient_of_its_parts_laid_out_as_the_parameter(textures: Textures) -> None:
    training = Training(TINY, textures)
    before = [sampler.generator.get_state() for sampler in training.samplers]
    parts = list(training._side_by_side.map(training._part, training.samplers))
    for sampler, state in zip(training.samplers, before, strict=True):
        sampler.generator.set_state(state)
    losses = training.run_step()
    assert losses["named"] == pytest.approx(sum(part.losses["named"].item() for part in parts) / 2)
    means = [sum(gradients) / 2 for gradients in zip(*(part.gradients for part in parts), strict=True)]
    clipped = 1 / torch.cat([mean.flatten() for mean in means]).norm().clamp(min=1)
    for parameter, mean in zip(training._parameters(), means, strict=True):
        assert parameter.grad is not None and parameter.grad.stride() == parameter.stride()
        torch.testing.assert_close(parameter.grad, mean * clipped, rtol=1e-3, atol=1e-6)


def test_a_resumed_training_goes_on_as_if_never_stopped(textures: Textures, tmp_path: Path) -> None:
    whole, first = Training(TINY, textures), Training(TINY, textures)
    for _ in range(2):
        whole.run_step(), first.run_step()
    first.save(tmp_path / "checkpoint.pt")
    resumed = Training(TINY, textures)
    resumed.resume(tmp_path / "checkpoint.pt")
    for _ in range(2):
        assert whole.run_step() == resumed.run_step()
    assert resumed.size_px == whole.size_px == 64
    assert resumed.progress == 1


def test_exported_weights_load_in_open_clip_and_hold_the_batch_norm(textures: Textures, tmp_path: Path) -> None:
    training = Training(TINY, textures)
    training.run_step()
    export(training, tmp_path)
    loaded = open_clip.create_model(f"local-dir:{tmp_path}").eval()
    images = normalised(torch.rand(3, 3, 32, 32))
    with torch.no_grad():
        training.model.eval(), training.norm.eval()
        wanted = training.norm(training.model.encode_image(images))
        assert torch.allclose(loaded.encode_image(images), wanted, atol=0.02 * wanted.abs().max().item())
    assert folded(training.model, training.norm).keys() == training.model.state_dict().keys()


def test_a_training_from_saved_weights_begins_where_they_are(textures: Textures, tmp_path: Path) -> None:
    first = Training(TINY, textures)
    export(first, tmp_path)
    begun = Training(dataclasses.replace(TINY, start=str(tmp_path / WEIGHTS_NAME)), textures)
    images = normalised(torch.rand(3, 3, 32, 32))
    with torch.no_grad():
        saved, embedded = (training.model.eval().encode_image(images) for training in (first, begun))
        assert torch.allclose(saved, embedded, atol=0.02 * saved.abs().max().item())
        begun.norm.eval()
        assert torch.allclose(begun.norm(embedded), embedded, atol=1e-3 * embedded.abs().max().item())


def test_the_learning_rate_rises_then_falls_and_pictures_grow() -> None:
    settings = Settings(learning_rate=1.0, warmup=0.1, sizes=((0.0, 64), (0.5, 96)))
    rates = [settings.rate(progress) for progress in (0.0, 0.05, 0.1, 0.5, 1.0)]
    assert rates == pytest.approx([0.05, 0.525, 0.9758, 0.505, 0.01], abs=1e-3)
    assert [settings.size_px(progress) for progress in (0.0, 0.49, 0.5, 1.2)] == [64, 64, 96, 96]
    assert Settings(calm=((0.0, 0.25), (0.8, 1.0))).calm_share(0.79) == 0.25
    assert Settings().calm_share(1.0) > Settings().calm_share(0.0)


def test_unit_loss_is_least_when_each_concept_has_its_code() -> None:
    codes = torch.eye(3)
    right, wrong = unit_codes(5 * codes, codes, torch.arange(3)), unit_codes(codes.flip(0), codes, torch.arange(3))
    assert right < 0.001 < 5 < wrong
    assert picture_against_word(codes, 2 * codes) < 0.001 < picture_against_word(codes, codes.flip(0))


def test_a_picture_is_named_among_all_names_the_related_too() -> None:
    names = 3 * torch.eye(4)
    right, wrong = (named(torch.eye(4), names, torch.arange(4).roll(by)) for by in (0, 1))
    assert right < 1 < 10 < wrong


def test_a_name_is_embedded_anew_with_its_concept(textures: Textures, monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(TINY, textures)
    wanted = torch.tensor([3, 500, 9, 11, 40, 700])
    for sampler, part in zip(training.samplers, wanted.split(3), strict=True):
        monkeypatch.setattr(sampler, "concepts", lambda _, part=part: part)
    with torch.no_grad():
        training.model.token_embedding.weight *= -1
        fresh = training.model.encode_text(training.captions)
    before = training.names.clone()
    training.run_step()
    torch.testing.assert_close(training.names[wanted], fresh[wanted], rtol=1e-3, atol=1e-5)
    others = torch.ones(len(before), dtype=torch.bool).index_fill(0, wanted, False)
    assert torch.equal(training.names[others], before[others])


def test_names_are_told_apart_by_the_text_side_alone() -> None:
    torch.manual_seed(0)
    model, generator = build(32), torch.Generator().manual_seed(0)
    captions = tokens(["up-left arrow", "up-right arrow", "down-left arrow", "down-right arrow", "hat", "cat"])
    shown = torch.arange(6).repeat(20)
    images = torch.randn(6, model.visual.output_dim, generator=generator)[shown]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first = named(images, model.encode_text(captions), shown)
    tune_names(model, captions, images, shown, generator, steps=30)
    assert named(images, model.encode_text(captions), shown) < first / 3
    changed = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed and not any(name.startswith("visual.") or name == "logit_scale" for name in changed)


def test_pairs_that_share_a_keyword_are_not_pushed_apart() -> None:
    images, texts = torch.eye(2), torch.ones(2, 2)
    owner, scale = torch.tensor([0, 1]), torch.tensor(10.0)
    unrelated = contrastive(images, texts, owner, torch.eye(2, dtype=torch.bool), scale)
    assert unrelated == pytest.approx(np.log(2))
    assert contrastive(images, texts, owner, torch.ones(2, 2, dtype=torch.bool), scale) == pytest.approx(0)


def test_the_contact_sheet_has_a_line_for_each_unit() -> None:
    top = UnitTops("4/2/6/0", np.zeros((3, 3, 96, 96, 3), np.uint8), ("hat",), ("hat", "cap", "ship", "cat", "fish"))
    assert drawn([top] * 4).height == 24 + 2 * 56


def test_the_command_has_options_for_the_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    line = ["train", "work", "--steps", "10", "--sizes", "0:64", "0.6:96", "--learning-rate", "1e-3"]
    monkeypatch.setattr("sys.argv", line)
    work, settings = asked_for("Training.")
    assert work == Path("work") and settings.counted == ("steps", 10)
    assert dataclasses.replace(settings, minutes=1.5).counted == ("seconds", 90)
    assert (settings.steps, settings.learning_rate, settings.sizes) == (10, 1e-3, ((0.0, 64), (0.6, 96)))
