"""`reproduce` with OpenAI's other models that claims are about: RN101 from a played hub, RN50x4 from an archive like
OpenAI's. The models are narrow, but have every layer's address; only the step of words is run."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from huggingface_hub import constants
from open_clip import factory

import warehouse
from clip_warehouse import main
from helpers.openai_archives import halved, save_archive
from helpers.playing_site import playing
from helpers.playing_sources import Sources, as_safetensors, random_clip
from ingest.article import costs, reproduction
from ingest.article.claimed import claimed_texts, listed_units, published_name
from warehouse.schema import SQL

LAYERS = {"RN101": [3, 4, 23, 3], "RN50x4": [4, 6, 10, 6]}


def narrow(name: str) -> dict:
    """The model's bottlenecks, an eighth of RN50's width: 256 units in the last layer."""
    return {
        "embed_dim": 32,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 64, "layers": LAYERS[name], "width": 8, "patch_size": None},
        "text_cfg": {"context_length": 77, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1},
    }


@dataclass
class Reproduced:
    """A reproduction that has ended: what it printed, and its warehouse."""

    name: str
    options: list[str]
    printed: str
    warehouse: Path

    def rows(self, sql: str) -> list[tuple]:
        return warehouse.query(sql, warehouse=self.warehouse).rows()


@pytest.fixture(scope="module", params=["RN101", "RN50x4"])
def reproduced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reproduced]:
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    model = f"{name}-quickgelu"
    clip = halved(random_clip(model, narrow(name)))
    sources = Sources(as_safetensors(clip), "timm/resnet101_clip.openai")
    with pytest.MonkeyPatch.context() as patch, playing(sources.answer) as site:
        sources.store_host = site.url.replace("127.0.0.1", "localhost")
        patch.setattr(constants, "ENDPOINT", site.url)
        patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", site.url + "/{repo_id}/resolve/{revision}/{filename}")
        patch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
        patch.setitem(factory._MODEL_CONFIGS, model, narrow(name))
        patch.setattr(reproduction, "_QUICK_WORDS", 20)
        patch.setattr(costs, "measured", lambda _: costs.Rates(0, 0))
        whole = reproduction.steps
        patch.setattr(reproduction, "steps", lambda *given: [step for step in whole(*given) if step.title == "words"])
        pretrained = "openai"
        if name == "RN50x4":
            pretrained = str(folder / "RN50x4.pt")
            with warnings.catch_warnings(action="ignore"):  # tracing, which has its doubts about sizes that are numbers
                save_archive(clip, Path(pretrained), 64)
        options = ["--model", model, "--pretrained", pretrained]
        printed = folder / "printed.txt"
        with printed.open("w") as file:
            patch.setattr("sys.stdout", file)
            assert main(["reproduce", "--quick", "--warehouse", str(folder / "w.duckdb"), *options]) == 0
        yield Reproduced(name, options, printed.read_text(), folder / "w.duckdb")


def listed(name: str) -> dict[str, list[str]]:
    """Unit -> its published words, of units that the narrow model has."""
    words: dict[str, list[str]] = {}
    with (SQL / "published" / "published_unit_words.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model_name"] == name and int(row["unit_name"].rpartition("/")[2]) < 256 and row["word"]:
                words.setdefault(row["unit_name"], []).append(row["word"])
    return words


def test_its_own_claims_are_held_against_it(reproduced: Reproduced) -> None:
    verdicts = dict(
        reproduced.rows(
            "select finding_name, verdict from claims where claimed_of = 'NAME'".replace("NAME", reproduced.name)
        )
    )
    name = reproduced.name.lower()
    assert verdicts.pop(f"published_words_{name}") in ("agrees", "differs")
    if reproduced.name == "RN50x4":
        assert verdicts.pop("published_three_words_rn50x4") in ("agrees", "differs")
    assert verdicts == dict.fromkeys((f"universal_features_{name}", f"unit_names_{name}"), "cannot be tested yet")
    wanted = " ".join(["not measured yet: clip-warehouse ingest names", *reproduced.options])
    assert reproduced.rows(f"select reason from claims where finding_name = 'unit_names_{name}'") == [(wanted,)]


def test_it_prints_which_claims_are_its_own_and_none_on_units_of_rn50(reproduced: Reproduced) -> None:
    lines = reproduced.printed.splitlines()
    count = {"RN101": 3, "RN50x4": 4}[reproduced.name]
    assert any(line.startswith(f"{count} claims are about OpenAI's {reproduced.name}, and") for line in lines)
    assert any(line.startswith(f"published_words_{reproduced.name.lower()} ") for line in lines)
    asked = {name for (name,) in reproduced.rows("select finding_name from claims where model_id is not null")}
    assert {line.split(maxsplit=1)[0] for line in lines if line} >= asked
    assert "word_coffee_4_2_6" not in reproduced.printed
    assert "has no" not in reproduced.printed
    assert reproduced.rows("select count(*) from claims where claimed_of = 'RN50' and verdict = 'differs'") == [(0,)]


def test_agreement_with_published_words_is_what_a_count_by_hand_gives(reproduced: Reproduced) -> None:
    found = {
        unit: (shown, share)
        for unit, shown, share in reproduced.rows(
            "select unit_name, shown_word_count, strong_word_share from published_word_agreement"
        )
    }
    activations = reproduced.rows(
        "select unit_name, stimulus_text, activation_mean from activations inner join units using (unit_id) "
        "inner join stimuli using (stimulus_id)"
    )
    answers: dict[str, dict[str, float]] = {}
    for unit, word, answer in activations:
        answers.setdefault(unit, {})[word] = answer
    for unit, words in listed(reproduced.name).items():
        ranked = sorted(answers[unit].values(), reverse=True)
        bound = ranked[
            len(ranked) - -(-99 * len(ranked) // 100)
        ]  # as many as a hundredth, at least one, lie at or above
        shown = [answers[unit][word] for word in words if word in answers[unit]]
        if shown:
            assert found.pop(unit) == (len(shown), pytest.approx(sum(a >= bound and a > 0 for a in shown) / len(shown)))
    assert not found


def test_the_words_of_a_models_own_claims_are_shown_to_it() -> None:
    assert {"melbourne", "coffee"} <= set(claimed_texts("RN50", with_short_lists=False))
    assert "coffee" in claimed_texts(None, with_short_lists=True)
    assert "melbourne" not in claimed_texts(None, with_short_lists=True)
    assert "coffee" not in claimed_texts("RN101", with_short_lists=False)
    assert len(claimed_texts("RN50x4", with_short_lists=True)) > 5 * len(
        claimed_texts("RN50x4", with_short_lists=False)
    )
    assert [len(listed_units(name)) for name in ("RN50", "RN101", "RN50x4", None)] == [10, 24, 19, 0]


@pytest.mark.parametrize(
    ("model_name", "tag"),
    [
        ("RN50", "openai"),
        ("RN101-quickgelu", "openai"),
        ("RN50x4", "/home/me/RN50x4.pt"),
        ("RN50x4", "/home/me/RN50.pt"),
        ("RN50-quickgelu", "/models/resnet50_clip.openai/open_clip_model.safetensors"),
        ("RN50-quickgelu", "/models/epoch_3.pt"),
        ("RN50-quickgelu", "random-3"),
        ("RN50", "yfcc15m"),
        ("RN50x16", "openai"),
        ("emoji-rn50", "bundled"),
    ],
)
def test_command_and_view_know_openais_models_by_one_rule(model_name: str, tag: str, small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute(
            "update models set model_name = $name, pretrained_tag = $tag", {"name": model_name, "tag": tag}
        )
    found = warehouse.query("select published_name from published_models", warehouse=small_warehouse).rows()
    assert [name for (name,) in found] == [name for name in [published_name(model_name, tag)] if name]
