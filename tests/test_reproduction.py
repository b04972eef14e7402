"""The article in one command, on a narrow model of RN50's shape: interrupted, without a source, without disk space,
with wrong arguments. test_whole_path.py runs all of it as a process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from huggingface_hub import constants
from open_clip import factory

import warehouse
from clip_warehouse import main
from dashboards.report.contents import CASES
from helpers.narrow_model import NARROW
from helpers.playing_site import Site, playing
from helpers.playing_sources import MODEL, Sources, png, random_weights
from ingest.article import reproduction
from ingest.article import run as article
from ingest.commands import reproduce
from ingest.stimuli import downloads
from ingest.stimuli.downloads import Limits
from warehouse.schema import SQL


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
    return random_weights()


@pytest.fixture
def world(weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    sources = Sources(weights)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for colour in (0, 90, 180):
        (pictures / f"{colour}.png").write_bytes(png(colour))
    with playing(sources.answer) as site:
        sources.store_host = site.url.replace("127.0.0.1", "localhost")
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
        monkeypatch.setattr(reproduction, "QUICK_STEPS", 2)
        monkeypatch.setattr(downloads, "Limits", lambda: Limits(attempts=1, pause_s=0))
        options = ["--published", f"{site.url}/published", "--site", site.url, "--pictures", str(pictures)]
        yield World(site, sources.gone, options, tmp_path / "w.duckdb")


def only(monkeypatch: pytest.MonkeyPatch, *titles: str) -> None:
    """Leave out the steps that a test is not about."""
    whole = reproduction.steps
    monkeypatch.setattr(reproduction, "steps", lambda *given: [step for step in whole(*given) if step.title in titles])


def test_an_interrupted_run_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    only(monkeypatch, "words", "published 4/1", "published 4/2")
    run = reproduce.run_typed

    def stopped(typed: Sequence[str], path: Path) -> None:
        if "4/2" in typed:
            raise KeyboardInterrupt
        run(typed, path)

    monkeypatch.setattr(reproduce, "run_typed", stopped)
    assert world.reproduce() == 130
    finished = world.rows("select run_id, finished_at from runs order by run_id")
    assert len(finished) == 2
    monkeypatch.setattr(reproduce, "run_typed", run)
    capsys.readouterr()
    assert world.reproduce() == 0
    assert world.rows("select run_id, finished_at from runs order by run_id")[:2] == finished
    assert capsys.readouterr().err.count("nothing to do") == 2


def test_without_microscope_our_own_features_are_made_and_the_report_says_so(
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
    monkeypatch.setattr("ingest.network.hub.hub_answers", lambda: False)
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


def test_a_disk_without_room_is_reported_before_any_work(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(article.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000}))
    assert world.reproduce() == 1
    assert "GB are needed, 0.0 GB are free" in capsys.readouterr().err
    assert not world.warehouse.exists()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--published", "/nowhere"], 1, "--published /nowhere: no such folder"),
        (["--site", "microscope"], 2, "--site microscope: write the mirror's address"),
        (["--pictures", "/nowhere"], 1, "no pictures at /nowhere"),
        (["--pictures", "EMPTY"], 1, "there is no picture in it"),
        (["--report", "/proc/nowhere/r.html"], 1, "cannot write /proc/nowhere/r.html"),
        (["--report", "WAREHOUSE"], 2, "is the warehouse itself"),
        (["--model", "ViT-B-32"], 1, "not a CLIP ResNet"),
        (["--pretrained", "laion2b"], 1, "'laion2b' is neither a file nor weights of RN50-quickgelu"),
        (["--device", "tpu"], 2, "no device 'tpu'"),
        (["--precision", "float8"], 2, "float8"),
        (["--seed", "-1"], 2, "--seed -1"),
    ],
)
def test_a_wrong_argument_is_one_line_before_any_work(
    world: World, arguments: list[str], exit_code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"EMPTY": str(tmp_path / "empty"), "WAREHOUSE": str(world.warehouse)}
    world.options += [places.get(argument, argument) for argument in arguments]
    assert world.reproduce() == exit_code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("clip-warehouse: ")
    assert said in line
    assert not world.warehouse.exists()
    assert not world.site.asked


def test_a_report_does_not_overwrite_the_warehouse(small_warehouse: Path, capsys: pytest.CaptureFixture) -> None:
    before = small_warehouse.read_bytes()
    assert main(["report", "--out", str(small_warehouse), "--warehouse", str(small_warehouse)]) == 2
    assert "is the warehouse itself" in capsys.readouterr().err
    assert small_warehouse.read_bytes() == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.example)
def test_a_case_study_is_harmless_where_its_unit_is_not(case, small_warehouse: Path) -> None:
    text = SQL.joinpath("examples", f"{case.example}.sql").read_text()
    assert f"unit_facts('{case.unit}')" in text
    warehouse.query(text, warehouse=small_warehouse)
