"""The article in one command, on a narrow model of RN50's shape, with sites on this machine that play the hub,
Microscope and the original's repository: the first run, the second, an interrupted one, and each source gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import open_clip
import pytest
import torch
from huggingface_hub import constants
from open_clip import factory
from PIL import Image
from safetensors.torch import save

import warehouse
from clip_warehouse import main
from dashboards.report.contents import CASES
from ingest import downloads, reproduction
from ingest.commands import reproduction as command
from ingest.downloads import Limits
from playing_site import Answer, Site, playing

MODEL = "RN50-quickgelu"
# RN50's bottlenecks, an eighth of its width: 256 units in the last layer.
NARROW = {
    "embed_dim": 32,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 64, "layers": [3, 4, 6, 3], "width": 8, "patch_size": None},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
ABOVE = {"4_0": (296, 0), "4_1": (1683, 36), "4_2": (1761, 78)}  # of 2,048 channels: above 0.9, dead
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def published_file(bottleneck: str) -> bytes:
    """A file in the original repository's form, with its counts."""
    above, dead = ABOVE[bottleneck]
    line = "Unit {} -> (tensor({}, device='cuda:0', dtype=torch.float16), {})\n"
    lines = [line.format(channel, 0.9512, 0.0625) for channel in range(above)]
    lines += [line.format(channel, "nan", "nan") for channel in range(above, above + dead)]
    lines += [line.format(channel, 0.4321, 0.5) for channel in range(above + dead, 2048)]
    return "".join(lines).encode()


def png(colour: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (64, 64), (colour % 256, 80, 200)).save(content, format="PNG")
    return content.getvalue()


@dataclass
class World:
    """The site that plays all three sources, and which of them are gone."""

    site: Site
    gone: set[str]
    options: list[str]
    warehouse: Path

    def reproduce(self) -> int:
        return main(["reproduce", "--quick", "--warehouse", str(self.warehouse), *self.options])

    def asked(self, part: str) -> int:
        return sum(count for path, count in self.site.asked.items() if part in path)

    def rows(self, sql: str) -> list[tuple]:
        return warehouse.query(sql, warehouse=self.warehouse).rows()


@pytest.fixture(scope="module")
def weights() -> bytes:
    torch.manual_seed(7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(factory._MODEL_CONFIGS, MODEL, NARROW)
        state = open_clip.create_model(MODEL, pretrained=None).state_dict()
    for name in state:
        if name.endswith("bn3.weight"):
            state[name] = torch.ones_like(state[name])
    return save({name: tensor.contiguous() for name, tensor in state.items()})


@pytest.fixture
def world(weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    gone: set[str] = set()

    def answer(path: str, before: int) -> Answer:
        kind = "microscope" if "microscopeprod" in path else "published" if "published" in path else "hub"
        if kind in gone:
            return Answer(status=503)
        if kind == "microscope":
            return Answer(png(int(re.search(r"channel-(\d+)", path)[1])))
        if kind == "published":
            return Answer(published_file(re.search(r"4_\d", path)[0]))
        if path == "/" or path.endswith("open_clip_model.safetensors"):
            return Answer(weights, headers={"ETag": '"abc"', "X-Repo-Commit": COMMIT})
        return Answer(status=404)

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for colour in (0, 90, 180):
        (pictures / f"{colour}.png").write_bytes(png(colour))
    with playing(answer) as site:
        monkeypatch.setattr(constants, "ENDPOINT", site.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", site.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setitem(factory._MODEL_CONFIGS, MODEL, NARROW)
        monkeypatch.setattr(reproduction, "_QUICK_WORDS", 20)
        monkeypatch.setattr(reproduction, "_FEW_PAIRS", 0)  # so that the subset of a wide model is taken
        monkeypatch.setattr(reproduction, "_QUICK_SAMPLE", 2)
        monkeypatch.setattr(reproduction, "_QUICK_STEPS", ("--steps", "2"))
        monkeypatch.setattr(downloads, "Limits", lambda: Limits(attempts=1, pause_s=0))
        options = ["--published", f"{site.url}/published", "--site", site.url, "--pictures", str(pictures)]
        yield World(site, gone, options, tmp_path / "w.duckdb")


def only(monkeypatch: pytest.MonkeyPatch, *titles: str) -> None:
    """Leave out the steps that a test is not about."""
    whole = command.steps
    monkeypatch.setattr(command, "steps", lambda *given: [step for step in whole(*given) if step.title in titles])


def test_the_whole_path_and_then_nothing_is_repeated(world: World, capsys: pytest.CaptureFixture) -> None:
    assert world.reproduce() == 0
    told = capsys.readouterr()
    assert re.search(r"^words\s+\d+ words\s", told.err, re.MULTILINE), "an estimate comes first"
    assert told.err.index("pairs of units") < told.err.index("$ clip-warehouse ingest words")
    jobs = {name for (name,) in world.rows("select job_name from runs where status = 'complete'")}
    assert jobs == {"words", "weights", "contributions", "pictures", "published", "microscope", "shares"}
    published = world.rows(
        "select published_value, our_value, verdict from claims where finding_name like 'published_%_above_%'"
    )
    assert [(value, verdict) for value, _, verdict in published] == [
        (value, "agrees") for value in (0.8599, 0.8218, 0.1445)
    ]
    assert "published_share_above_4_2" in told.out
    page = world.warehouse.with_suffix(".html").read_text()
    assert all(f"{value} " in page or f"{value}<" in page for value in (0.8599, 0.8218, 0.1445))
    assert warehouse.query("select 1", warehouse=world.warehouse).item() == 1

    before = world.rows("select run_id, row_count, finished_at from runs order by run_id"), dict(world.site.asked)
    assert world.reproduce() == 0
    after = world.rows("select run_id, row_count, finished_at from runs order by run_id"), dict(world.site.asked)
    assert after == before
    assert capsys.readouterr().err.count("nothing to do") == len(before[0])


def test_an_interrupted_run_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    only(monkeypatch, "words", "published 4/1", "published 4/2")
    run = command._run

    def stopped(step: reproduction.Step, path: Path) -> None:
        if step.title == "published 4/2":
            raise KeyboardInterrupt
        run(step, path)

    monkeypatch.setattr(command, "_run", stopped)
    assert world.reproduce() == 130
    finished = world.rows("select run_id, finished_at from runs order by run_id")
    assert len(finished) == 2
    monkeypatch.setattr(command, "_run", run)
    capsys.readouterr()
    assert world.reproduce() == 0
    assert world.rows("select run_id, finished_at from runs order by run_id")[:2] == finished
    assert capsys.readouterr().err.count("nothing to do") == 2


def test_without_microscope_our_own_features_are_made_and_it_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    only(monkeypatch, "microscope", "shares on features")
    world.gone.add("microscope")
    assert world.reproduce() == 0
    assert "microscope was replaced by features" in capsys.readouterr().err
    units = world.rows(
        "select unit_name, source from feature_visualizations inner join units using (unit_id) "
        "inner join runs using (run_id) where status = 'complete' and image is not null"
    )
    assert ("4/2/6/2", "optimised") in units
    assert {source for _, source in units} == {"optimised"}
    measured = world.rows("select distinct definition from residual_shares where image_count > 0")
    assert sorted(measured) == [("added",), ("published",)]
    assert 'alt="Feature visualisation of 4/2/6/2"' in world.warehouse.with_suffix(".html").read_text()


def test_without_the_repository_all_else_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    only(monkeypatch, "words", "published 4/0")
    world.gone.add("published")
    assert world.reproduce() == 1
    told = capsys.readouterr()
    assert "published 4/0 could not be done: cannot download" in told.err
    assert world.rows("select job_name, status from runs where job_name = 'words'") == [("words", "complete")]
    assert "word_coffee_4_2_6" in told.out
    world.gone.clear()
    assert world.reproduce() == 0


def test_without_the_hub_the_published_figures_are_read_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("ingest.model.hub_answers", lambda: False)
    assert world.reproduce() == 1
    told = capsys.readouterr()
    assert "no weights: cannot download RN50-quickgelu openai" in told.err
    assert world.rows("select count(*) from claims where verdict = 'agrees'")[0][0] >= 6
    assert "RN50, as published" in world.warehouse.with_suffix(".html").read_text()


def test_an_estimate_alone_does_nothing(world: World, capsys: pytest.CaptureFixture) -> None:
    world.options.append("--estimate")
    assert world.reproduce() == 0
    assert "pairs of units" in capsys.readouterr().err
    assert not world.warehouse.exists()


def test_a_disk_without_room_is_told_before_any_work(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(command.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000}))
    assert world.reproduce() == 1
    assert "GB are needed, 0.0 GB are free" in capsys.readouterr().err
    assert not world.warehouse.exists()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.example)
def test_a_case_study_is_harmless_where_its_unit_is_not(case, small_warehouse: Path) -> None:
    text = reproduction.SQL.joinpath("examples", f"{case.example}.sql").read_text()
    assert f"unit_facts('{case.unit}')" in text
    warehouse.query(text, warehouse=small_warehouse)
