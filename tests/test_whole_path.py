"""`reproduce --quick` as a user runs it: the command in a process of its own, with its own HF_ENDPOINT, HF_HOME and
cache, and a site that plays the hub, Microscope and the original's repository. First run, second run, killed runs,
Ctrl-C, each source gone."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pytest

import warehouse
from helpers.begun import Begun
from helpers.narrow_model import NARROW
from helpers.playing_site import Answer, Site, playing
from helpers.playing_sources import MODEL, STORE, Sources, png, random_weights
from helpers.words_ingest import assert_equal_row_for_row
from warehouse.checking import check

ROOT = Path(__file__).parent.parent
COMMAND = """
import sys
from helpers.narrow_command import cut_sizes
cut_sizes(sys.argv[1])
from clip_warehouse import main
sys.exit(main(sys.argv[2:]))
"""
NOBODY = "http://127.0.0.1:1"
PUBLISHED = (0.8599, 0.8218, 0.1445)  # at 4/2, 4/1, 4/0: what the article says of the files


@dataclass
class World:
    """The site with its three sources, and what all machines share: the narrow model's config, the pictures."""

    site: Site
    sources: Sources
    folder: Path

    def machine(self, folder: Path) -> Machine:
        folder.mkdir(parents=True, exist_ok=True)
        return Machine(self, folder, self.site.url, folder / "hub")

    def downloads(self) -> dict[str, int]:
        """How often each address was asked for, but those by which the client of the hub informs itself."""
        return {path: count for path, count in self.site.asked.items() if not re.search("/resolve/|^/api/|^/$", path)}


@dataclass
class Machine:
    """A user's machine: where its caches lie, which hub it knows, its warehouse."""

    world: World
    folder: Path
    hub: str
    hub_home: Path
    process: Begun | None = field(default=None, init=False)

    @property
    def warehouse(self) -> Path:
        return self.folder / "rn50.duckdb"

    def reproduce(self, *more: str) -> tuple[int, str, str]:
        """Exit code, output and errors of the command."""
        site = self.world.site.url
        sources = [
            "--published",
            f"{site}/published",
            "--site",
            site,
            "--pictures",
            str(self.world.folder / "pictures"),
        ]
        typed = ["reproduce", "--quick", "--warehouse", str(self.warehouse), *sources, *more]
        self.process = Begun(
            COMMAND,
            str(self.world.folder / f"{MODEL}.json"),
            *typed,
            environment=self._environment(),
            is_inherited=False,
            forgotten=("huggingface_hub", "open_clip", "timm"),
            is_leader=True,
        )
        return self.process.ended_with_output()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def press_ctrl_c(self) -> None:
        """As a terminal does it: to the command and to all processes that it has started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)

    def rows(self, sql: str) -> list[tuple]:
        return warehouse.query(sql, warehouse=self.warehouse).rows()

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        return {
            **inherited,
            "HF_ENDPOINT": self.hub,
            "HF_HOME": str(self.hub_home),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "PYTHONPATH": str(ROOT),
            "NO_PROXY": "127.0.0.1,localhost",
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    (folder / f"{MODEL}.json").write_text(json.dumps(NARROW))
    (folder / "pictures").mkdir()
    for colour in (0, 90, 180):
        (folder / "pictures" / f"{colour}.png").write_bytes(png(colour))
    sources = Sources(random_weights())
    with playing(sources.answer) as site:
        sources.store_host = site.url.replace("127.0.0.1", "localhost")
        yield World(site, sources, folder)


@pytest.fixture(autouse=True)
def nothing_is_gone(world: World) -> Iterator[None]:
    yield
    world.sources.gone.clear()
    world.sources.surprises.clear()


@pytest.fixture(scope="module")
def first(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, str, str]:
    """A machine after its undisturbed first run, with what was printed."""
    machine = world.machine(tmp_path_factory.mktemp("first"))
    code, out, errors = machine.reproduce()
    assert code == 0, errors
    return machine, out, errors


@pytest.fixture
def ready(first: tuple[Machine, str, str], tmp_path: Path) -> Machine:
    """A machine that has downloaded the weights before, and nothing else."""
    machine = first[0].world.machine(tmp_path / "ready")
    machine.hub_home = first[0].hub_home
    return machine


def with_a_copy(machine: Machine, other: Machine) -> Machine:
    """The machine with another's warehouse and downloads."""
    shutil.copy(other.warehouse, machine.warehouse)
    shutil.copytree(other.folder / "cache", machine.folder / "cache")
    return machine


def with_all_but(machine: Machine, other: Machine, *job_names: str) -> Machine:
    """The machine with another's warehouse, but for the runs of some jobs, and none of its downloads."""
    shutil.copy(other.warehouse, machine.warehouse)
    with duckdb.connect(str(machine.warehouse)) as connection:
        tables = connection.execute(
            "select table_name from duckdb_columns() inner join duckdb_tables() using (table_name) "
            "where column_name = 'run_id' order by table_name = 'runs'"
        ).fetchall()
        runs = "(select run_id from runs where list_contains($job_names, job_name))"
        for (table,) in tables:
            connection.execute(f"delete from {table} where run_id in {runs}", {"job_names": list(job_names)})
    return machine


def test_the_first_run_downloads_measures_and_ends_with_the_claims(first: tuple[Machine, str, str]) -> None:
    machine, out, errors = first
    assert re.search(r"^words\s+\d+ words\s", errors, re.MULTILINE), "an estimate comes first"
    assert errors.index("pairs of units") < errors.index("$ clip-warehouse ingest words")
    jobs = {name for (name,) in machine.rows("select job_name from runs where status = 'complete'")}
    assert jobs == {"words", "weights", "contributions", "pictures", "published", "microscope", "shares"}
    published = machine.rows(
        "select published_value, our_value, verdict from claims where finding_name like 'published_%_above_%' "
        "order by finding_name desc"
    )
    assert [(value, verdict) for value, _, verdict in published] == [(value, "agrees") for value in PUBLISHED]
    assert "published_share_above_4_2" in out
    page = machine.warehouse.with_suffix(".html").read_text()
    assert all(f"{value} " in page or f"{value}<" in page for value in PUBLISHED)
    assert out.splitlines()[-1] == f"report written to {machine.warehouse.with_suffix('.html')}"
    assert all(not result.failing_count for result in check(machine.warehouse))


def test_the_second_run_repeats_nothing(first: tuple[Machine, str, str]) -> None:
    machine, _, _ = first
    runs = "select run_id, row_count, finished_at from runs order by run_id"
    before = machine.rows(runs), machine.world.downloads()
    code, out, errors = machine.reproduce()
    assert code == 0, errors
    assert (machine.rows(runs), machine.world.downloads()) == before
    assert sum(count for path, count in before[1].items() if path.startswith(STORE)) == 1
    assert errors.count("nothing to do") == len(before[0])
    assert " computed" not in errors
    assert "published_share_above_4_2" in out


def test_killed_in_a_download_and_inside_a_shard_it_ends_equal_to_an_undisturbed_run(
    world: World, first: tuple[Machine, str, str], tmp_path: Path
) -> None:
    machine = world.machine(tmp_path)
    world.sources.surprises[STORE] = lambda usual: replace(usual, at_half=machine.kill)
    assert machine.reproduce()[0] == -signal.SIGKILL
    assert not machine.warehouse.exists()

    world.site.ranges.clear()
    world.sources.surprises |= {STORE: broken_off, r"block_4/2/.*channel-34": lambda usual: killing(machine, usual)}
    assert machine.reproduce()[0] == -signal.SIGKILL
    ((asked, part),) = world.site.ranges
    assert asked.startswith(STORE)
    assert int(part.removeprefix("bytes=").rstrip("-")) > 0, "a download that broke off goes on where it was"
    unfinished = machine.rows("select job_name from runs where status <> 'complete'")
    assert unfinished == [("microscope",)]

    before = world.downloads()
    code, _, errors = machine.reproduce()
    assert code == 0, errors
    assert_equal_row_for_row(first[0].warehouse, machine.warehouse)
    again = {path for path, count in world.downloads().items() if count > before.get(path, 0)}
    assert again
    assert not [path for path in again if path.startswith(STORE) or "published" in path or "channel-2.png" in path]


def broken_off(usual: Answer) -> Answer:
    """The connection ends after half of the body."""
    return replace(usual, at_half=lambda: None)


def killing(machine: Machine, usual: Answer) -> Answer:
    machine.kill()
    return usual


def test_ctrl_c_in_the_download_is_one_line(world: World, tmp_path: Path) -> None:
    machine = world.machine(tmp_path)
    world.sources.surprises[STORE] = lambda usual: pressing(machine, usual)
    assert_stopped(machine.reproduce())
    assert not machine.warehouse.exists()


def assert_stopped(ended: tuple[int, str, str]) -> None:
    code, out, errors = ended
    assert code == 130, errors
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == "clip-warehouse: stopped; what is finished is kept, the same command goes on"
    assert out == ""


def pressing(machine: Machine, usual: Answer) -> Answer:
    """Ctrl-C while the answer is awaited; the answer then takes its time, so that nothing is finished meanwhile."""
    machine.press_ctrl_c()
    return replace(usual, chunk_pause_s=0.5)


def test_without_the_hub_one_line_says_so_and_nothing_is_lost(
    first: tuple[Machine, str, str], ready: Machine, tmp_path: Path
) -> None:
    with_a_copy(ready, first[0])
    ready.hub, ready.hub_home = NOBODY, tmp_path / "hub"
    code, out, errors = ready.reproduce()
    assert code == 1
    assert f"no weights: cannot download {MODEL} openai: {NOBODY} does not answer; " in errors
    assert "Traceback" not in errors
    assert "published_share_above_4_2" in out
    assert_equal_row_for_row(first[0].warehouse, ready.warehouse)


def test_a_hub_that_answers_errors_is_reported(world: World, tmp_path: Path) -> None:
    world.sources.gone |= {"hub", "published"}
    machine = world.machine(tmp_path)
    code, out, errors = machine.reproduce()
    assert code == 1
    assert f"cannot download {MODEL} openai: {machine.hub} does not send it (" in errors
    assert errors.splitlines()[-1].startswith("clip-warehouse: no source could be reached, so nothing was written")
    assert out == ""
    assert not machine.warehouse.exists()


def test_without_microscope_pictures_are_made_here_and_the_command_says_so(
    world: World, first: tuple[Machine, str, str], ready: Machine
) -> None:
    with_all_but(ready, first[0], "microscope", "shares")
    world.sources.gone.add("microscope")
    ready.hub = NOBODY  # weights that were downloaded once need it no more
    code, _, errors = ready.reproduce()
    assert code == 0, errors
    assert "microscope was replaced by features: cannot download" in errors
    made = "select distinct source from feature_visualizations inner join shown_runs using (run_id)"
    assert ready.rows(made) == [("optimised",)]
    assert len(ready.rows("select distinct definition from residual_shares where image_count > 0")) == 2


def test_without_the_repository_the_other_claims_are_there_and_the_command_says_so(
    world: World, first: tuple[Machine, str, str], ready: Machine
) -> None:
    with_all_but(ready, first[0], "published")
    world.sources.gone.add("published")
    code, out, errors = ready.reproduce()
    assert code == 1
    assert "done without published 4/0, published 4/1, published 4/2; the same command goes on" in errors
    assert "word_coffee_4_2_6" in out
    verdicts = "select verdict from claims where finding_name like 'published_%_above_%'"
    assert ready.rows(verdicts) == [("agrees",)] * 3, "what came with the program speaks where no file was read"
    measured = (
        "select finding_name from claims where our_value is not null and measure not like 'published%' order by 1"
    )
    assert ready.rows(measured) == first[0].rows(measured)
    assert ready.warehouse.with_suffix(".html").exists()

    finished = "select run_id, finished_at from runs order by run_id"
    before = ready.rows(finished)
    world.sources.gone.clear()
    world.sources.surprises["published.*4_1"] = lambda usual: pressing(ready, usual)
    assert_stopped(ready.reproduce())
    assert ready.rows(finished)[:-1] == before
    assert ready.rows("select part_name from runs order by run_id desc limit 1") == [("4/0",)]
