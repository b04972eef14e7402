"""The evaluation's measures on rows whose answers can be read off, and the bundled model's own figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import open_clip
import polars as pl
import pytest
import torch

import clip_warehouse
from ingest.bundled import measures
from ingest.bundled.codebook import affinity, assigned, choose_heads, head_codes, kinship
from ingest.bundled.concepts import Concept, concepts
from ingest.bundled.evaluate import HELD_OUT_STYLE, SHIPPED_STYLES, caption_embeddings, evaluate
from ingest.bundled.training.asset import CARD, FIGURES
from ingest.bundled.training.card import write_measured
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.model import load_model
from warehouse.errors import ModelUnavailable

# Rows are the concepts hat, cat, heart; columns are units.
PICTURES = np.array([[9.0, 0.1, 0.0, 2.0], [1.0, 5.0, 0.0, 2.0], [0.0, 4.0, 0.0, 2.0]])
WORDS = np.array([[7.0, 0.2, 1.0, 0.0], [2.0, 4.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0]])
KIN = np.array([[True, False, False], [False, True, True], [False, True, True]])


def test_hit_share_counts_captions_that_no_more_than_depth_others_beat() -> None:
    texts = np.eye(3)
    images = np.array([[3.0, 0.0, 0.0], [0.9, 0.8, 0.1], [0.1, 0.2, 5.0], [0.5, 0.4, 0.3]])
    owner = np.array([0, 1, 2, 2])
    assert measures.hit_share(images, texts, owner, 1) == 0.5
    assert measures.hit_share(images, texts, owner, 2) == 0.75
    assert measures.hit_share(images, texts, owner, 3) == 1.0


def test_multimodal_units_have_one_top_concept_for_pictures_and_words() -> None:
    assert measures.multimodal(PICTURES, WORDS).tolist() == [True, False, False, False]
    assert measures.multimodal(PICTURES, WORDS, depth=2).tolist() == [True, True, False, False]


def test_a_unit_is_dead_when_neither_kind_drives_it() -> None:
    silent = np.zeros((3, 1))
    assert measures.dead(np.hstack([PICTURES, silent]), np.hstack([WORDS, silent])).tolist() == [False] * 4 + [True]


def test_correlation_agrees_with_numpy_and_has_none_for_a_constant() -> None:
    found = measures.correlation(PICTURES, WORDS)
    assert found[:2] == pytest.approx([np.corrcoef(PICTURES[:, unit], WORDS[:, unit])[0, 1] for unit in (0, 1)])
    assert np.isnan(found[2:]).all()


def test_selectivity_is_the_height_of_the_top_in_deviations() -> None:
    assert measures.selectivity(np.array([[0.0], [0.0], [0.0], [4.0]])) == pytest.approx([3 / np.sqrt(3)])


def test_family_share_is_what_the_top_concept_and_its_kin_take() -> None:
    activations = np.array([[9.0, 0.0], [1.0, 2.0], [0.0, 8.0], [1.0, 1.0]])
    kin = np.pad(KIN, (0, 1)) | np.eye(4, dtype=bool)
    # Medians 1 and 1.5: unit 0 keeps hat's 8 alone; unit 1 keeps cat's 0.5 and heart's 6.5, which are kin.
    assert measures.family_share(activations, kin).tolist() == [1.0, 1.0]
    assert measures.family_share(activations, np.eye(4, dtype=bool)) == pytest.approx([1.0, 6.5 / 7])


def test_shuffling_gives_chance() -> None:
    rng = np.random.default_rng(1)
    pictures = rng.random((50, 200))

    def strict(rows: np.ndarray) -> float:
        return float(measures.multimodal(pictures, rows).sum())

    assert strict(pictures) == 200
    chance = measures.shuffled(strict, pictures)
    assert chance.mean == pytest.approx(200 / 50, abs=1.5)
    assert chance.mean < chance.high < 20


CONCEPTS = (
    Concept("top hat", "1f3a9", ("clothes", "magic")),
    Concept("billed cap", "1f9e2", ("clothes", "sport")),
    Concept("cat", "1f408", ("pet",)),
    Concept("dog", "1f415", ("pet",)),
    Concept("dice", "1f3b2", ("game",)),
)


ALL_READABLE = torch.ones(len(CONCEPTS), dtype=torch.bool)


def test_kin_share_a_keyword() -> None:
    kin = kinship(CONCEPTS)
    assert kin.int().tolist() == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]


def test_heads_cover_all_families_and_lead_their_units() -> None:
    near = affinity(CONCEPTS)
    heads = choose_heads(near, ALL_READABLE, 3)
    families = {0: "clothes", 1: "clothes", 2: "pet", 3: "pet", 4: "game"}
    assert {families[head] for head in heads.tolist()} == {"clothes", "pet", "game"}
    codes = head_codes(near, heads)
    assert codes.argmax(0).tolist() == heads.tolist()
    assert (codes >= 0).all()
    assert all(families[concept] == families[int(heads[unit])] for concept, unit in codes.nonzero().tolist())


def test_columns_go_to_the_units_that_answer_alike() -> None:
    near = affinity(CONCEPTS)
    codes = head_codes(near, choose_heads(near, ALL_READABLE, 3))
    assert assigned(codes, codes[:, [2, 0, 1]]).equal(codes[:, [2, 0, 1]])


def test_the_bundled_model_gives_the_figures_of_its_card() -> None:
    """Figures are kept to 4 places; another CPU may flip a near-tie of two concepts, hence the tolerances."""
    written = pl.DataFrame(json.loads(FIGURES.read_text()))
    found = evaluate(load_model(BUNDLED_MODEL), caption_embeddings(BUNDLED_MODEL))
    assert found["subject", "measure", "count"].equals(written["subject", "measure", "count"])
    for subject, measure, now, then in zip(
        found["subject"], found["measure"], found["value"], written["value"], strict=True
    ):
        tolerance = 2 if measure.startswith("multimodal_count") else 0.005
        assert now == pytest.approx(then, abs=tolerance), (subject, measure)


def test_names_are_read_by_the_very_weights_whose_pictures_are_judged(tiny: str) -> None:
    Path(tiny).mkdir()  # a folder of that name beside is another thing
    torch.manual_seed(5)
    clip = open_clip.create_model(tiny).eval()
    torch.save(clip.state_dict(), "weights.pt")
    names = open_clip.get_tokenizer(tiny)([concept.name for concept in concepts()])
    with torch.no_grad():
        wanted = clip.encode_text(names).numpy()
    np.testing.assert_allclose(caption_embeddings(tiny, "weights.pt"), wanted, rtol=1e-4, atol=1e-5)
    with pytest.raises(ModelUnavailable, match="'openai' is neither a file nor weights of tiny"):
        caption_embeddings(tiny)


def test_weights_that_would_not_be_judged_are_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert clip_warehouse.main(["evaluate", "--pretrained", "openai", "--device", "cpu"]) == 2
    assert "emoji-rn50 comes with its own weights" in capsys.readouterr().err


def test_an_unknown_style_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert clip_warehouse.main(["evaluate", "--styles", "nokia", "--device", "cpu"]) == 2
    assert "take emojione, fluent-emoji-flat, noto, twemoji" in capsys.readouterr().err


def test_the_card_s_measured_part_is_written_from_the_figures_and_nothing_else_changes(tmp_path: Path) -> None:
    copy, figures = tmp_path / "card.md", tmp_path / "figures.json"
    copy.write_text(CARD.read_text())
    write_measured(copy, FIGURES)
    assert copy.read_text() == CARD.read_text()
    rows = json.loads(FIGURES.read_text())
    figures.write_text(json.dumps([{**row, "value": 7.0} for row in rows]))
    write_measured(copy, figures)
    changed = [line for line in copy.read_text().splitlines() if line not in CARD.read_text().splitlines()]
    assert len(changed) == 14 and all("| 7" in line for line in changed)


def test_the_model_card_quotes_the_measured_figures() -> None:
    measured = {(row["subject"], row["measure"]): row["value"] for row in json.loads(FIGURES.read_text())}
    card = CARD.read_text()
    pictures, last = f"pictures, {HELD_OUT_STYLE}", "units 4/2/6, words: all"
    shares = " / ".join(f"{measured[pictures, f'top_{depth}_share']:.3f}" for depth in (1, 5))
    assert shares in card
    trained = [f"{measured[f'pictures, {style}', 'top_1_share']:.3f}" for style in SHIPPED_STYLES[1:]]
    assert ", ".join(trained) in card
    assert f"| {measured[last, 'multimodal_count_strict']:.0f} (" in card
    assert f"{measured[last, 'family_share_mean_pictures']:.3f}" in card
