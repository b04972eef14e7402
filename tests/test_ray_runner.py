"""The Ray runner against the local one: the same rows, whatever dies, and nothing computed twice."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
import polars as pl
import pytest
import ray
import torch
from PIL import Image
from polars.testing import assert_frame_equal

from clip_warehouse import main
from helpers.ending import decode_or_end
from helpers.narrow_model import put_into
from helpers.picture_files import drawn, saved
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.pictures import job as pictures
from ingest.pictures.job import PicturesJob
from ingest.ray.cluster import ClusterDecoders, cluster_arithmetic, connect
from ingest.ray.runner import OnCluster
from ingest.runs import loop as runner
from ingest.runs.job import Rows
from ingest.runs.loop import Job, run
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import DecodingSettings
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import items
from ingest.weights.job import WeightsJob
from ingest.words import job as words
from ingest.words.job import WordsJob
from warehouse.checking import check
from warehouse.errors import ClusterFailed, MachineFault, NoPath, TextTooLarge, UsageError
from warehouse.loading import Run
from warehouse.staging import Staging, staging_folder

WORDS = [f"word {number}" for number in range(60)]
TESTS = Path(__file__).parent
CPU = arithmetic("cpu")
BOTH_CPUS = 2  # one worker has them: for what ends it, each begins with all its imports


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """Two CPUs, each a worker's; as many threads here, because kernels round differently with another number."""
    thread_count = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        environment.setenv("RAY_worker_niceness", "0")  # else every other test goes before
        environment.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))  # recipes lie in this file
        options = {"include_dashboard": False, "log_to_driver": False, "object_store_memory": 80 << 20}
        ray.init("local", num_cpus=2, num_gpus=0, **options)  # whatever cluster this machine knows of
        yield
        ray.shutdown()
    torch.set_num_threads(thread_count)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_model(put_into(tmp_path_factory.mktemp("narrow")))


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs of which another test shows that two share them: each worker begins with all its imports."""
    monkeypatch.setattr("ingest.ray.runner._Crew._room", lambda crew: 1)


def words_job(model: ClipModel, kind: type[WordsJob] = WordsJob) -> WordsJob:
    """Four shards of words, wherever it is made."""
    with patch.object(words, "_WORDS_PER_SHARD", 16):
        return kind(model, WORDS, select_layers(model.layers, "4/2/6,1/0/1"), CPU)


def pictures_job(model: ClipModel, inventory: Inventory, keep: str) -> PicturesJob:
    """Four shards of pictures, wherever it is made."""
    with patch.object(pictures, "_PICTURES_PER_SHARD", 50):
        layers = select_layers(model.layers, "4/2/6,2/0/8")
        return PicturesJob(model, inventory, layers, CPU, keep=keep, decoders=partial(Decoders, worker_count=1))


def weights_job(model: ClipModel) -> WeightsJob:
    return WeightsJob(
        model, select_layers(model.layers, "4/2/6,4/2/3"), select_layers(model.layers, "4/1/6,4/2/1"), CPU
    )


def both(recipe: Callable[[], Job], folder: Path) -> tuple[Path, Path]:
    """The warehouses of the local and of the Ray runner."""
    here, there = folder / "here.duckdb", folder / "there.duckdb"
    run(recipe(), here)
    outcome = run(recipe(), there, shards=OnCluster(recipe, cpu_count=1))
    assert outcome.computed == recipe().shard_count > 1
    return here, there


def rows(path: Path) -> dict[str, pl.DataFrame]:
    """Every table in an order of its own; a stimulus is named by its content, as its id follows the loading."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        content = connection.sql("select stimulus_id, content_sha256 as stimulus from stimuli").pl()
        return {name: _rows(connection.sql(f"from {name}").pl(), content) for name in names}


def _rows(frame: pl.DataFrame, content: pl.DataFrame) -> pl.DataFrame:
    if "stimulus_id" in frame.columns:
        frame = frame.join(content, on="stimulus_id", how="left").drop("stimulus_id")
    frame = frame.drop([name for name in frame.columns if name.endswith("_at") or name == "warehouse_id"])
    if frame.columns == ["run_id", "shard_index", "row_count"]:  # how much the tables grew, so the order decides
        frame = frame.drop("row_count")
    return frame.sort([name for name, kind in frame.schema.items() if not (kind.is_float() or kind.is_nested())])


def assert_equal(here: Path, there: Path) -> None:
    """Row for row and bit for bit; float64 sums over shards up to their order."""
    expected, found = rows(here), rows(there)
    assert expected.keys() == found.keys()
    for name, frame in expected.items():
        exact = [column for column, kind in frame.schema.items() if kind != pl.Float64]
        assert_frame_equal(found[name].select(exact), frame.select(exact), check_exact=True)
        assert_frame_equal(found[name].drop(exact), frame.drop(exact), rel_tol=1e-14, abs_tol=1e-12)
    assert [result for result in check(there) if result.failing_count] == []
    assert not staging_folder(there).exists()


def test_words_are_equal(model: ClipModel, tmp_path: Path) -> None:
    here, there = both(partial(words_job, model), tmp_path)
    assert_equal(here, there)
    assert len(rows(there)["activations"]) == 61 * (256 + 8)


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """Two hundred small pictures and a broken one."""
    folder = tmp_path_factory.mktemp("set")
    for number in range(200):
        (folder / f"{number:03d}.png").write_bytes(saved(Image.fromarray(drawn(number, 24, 24)), "PNG"))
    (folder / "100.png").write_bytes(b"no picture")
    return take_inventory(items(str(folder)), tmp_path_factory.mktemp("inventory"))


@pytest.mark.usefixtures("one_worker")
@pytest.mark.parametrize("keep", ["activations", "sketches"])
def test_pictures_are_equal(model: ClipModel, inventory: Inventory, keep: str, tmp_path: Path) -> None:
    here, there = both(partial(pictures_job, model, inventory, keep), tmp_path)
    assert_equal(here, there)
    assert rows(there)["activation_sketches"]["stimulus_count"].unique().to_list() == [199]


@pytest.mark.usefixtures("one_worker")
def test_weights_are_equal(model: ClipModel, tmp_path: Path) -> None:
    here, there = both(partial(weights_job, model), tmp_path)
    assert_equal(here, there)
    assert len(rows(there)["expanded_weights"])


@pytest.mark.usefixtures("one_worker")
def test_features_and_shares_by_the_command_line_are_equal(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.ray.runner.cpus_per_worker", lambda: 1)
    here, there = tmp_path / "here.duckdb", tmp_path / "there.duckdb"
    for path, chosen in ((here, "local"), (there, "ray")):
        where = ["--model", model.model_name, "--warehouse", str(path), "--runner", chosen, "--device", "cpu"]
        units = "4/2/6/1,4/2/6/200,4/1/6/2"
        assert main(["ingest", "features", "--units", units, "--steps", "2", *where]) == 0
        assert main(["ingest", "shares", "--images", "features", "--bottlenecks", "4/1,4/2", *where]) == 0
    assert_equal(here, there)
    assert len(rows(there)["feature_visualizations"]) == 3
    assert rows(there)["residual_shares"]["image_count"].sum() == 2 * 3


@pytest.mark.usefixtures("one_worker")
def test_pictures_by_the_command_line_leave_nothing_beside_the_warehouse(
    model: ClipModel, inventory: Inventory, tmp_path: Path
) -> None:
    source = inventory.pictures(range(0, 1))[0].uri
    path = tmp_path / "w.duckdb"
    where = ["--model", model.model_name, "--warehouse", str(path), "--runner", "ray", "--layers", "4/2/6"]
    assert main(["ingest", "pictures", source, *where]) == 0
    assert main(["ingest", "typographic", "--text", "hat", "--pictures", source, *where]) == 0
    assert len(rows(path)["activations"]) == 3 * 256
    assert {file.name for file in tmp_path.iterdir()} == {"w.duckdb", "w.duckdb.lock"}


@pytest.mark.usefixtures("one_worker")
def test_a_restart_computes_what_is_neither_loaded_nor_staged(model: ClipModel, tmp_path: Path) -> None:
    recipe, path = partial(words_job, model), tmp_path / "there.duckdb"
    with pytest.raises(KeyboardInterrupt):
        run(recipe(), path, shards=stopped_after(1, OnCluster(recipe, cpu_count=1)))
    job, record = recipe(), runner.run_record(recipe())
    with pytest.raises(KeyboardInterrupt), patch.object(runner, "load_staged"):
        run(job, path, shards=stopped_after(2, runner.here))
    loaded = len(rows(path)["shards"])
    folder = staging_folder(path) / record.settings_sha256[:16]
    staged = sum(entry.name.isdigit() for entry in folder.iterdir())  # a worker may have been ended while it staged
    assert loaded + staged >= 3
    outcome = run(recipe(), path, shards=OnCluster(recipe, cpu_count=1))
    assert outcome == runner.Outcome(1, computed=job.shard_count - loaded - staged, found=loaded + staged)
    run(recipe(), tmp_path / "here.duckdb")
    assert_equal(tmp_path / "here.duckdb", path)
    assert run(recipe(), path, shards=OnCluster(recipe)).computed == 0


def stopped_after(count: int, shards: runner.Shards) -> runner.Shards:
    """Ctrl-C while the shard after `count` others is awaited."""

    def until_stopped(*arguments: Any) -> Generator[int]:
        with closing(shards(*arguments)) as finished:
            for _, shard_index in zip(range(count), finished, strict=False):
                yield shard_index
        raise KeyboardInterrupt

    return until_stopped


class DiesOnce(WordsJob):
    """Takes its process along at shard 1, the first time."""

    marker = Path()

    def measured(self, shard_index: int, run: Run, advance: Callable[[int], None]) -> Rows:
        if shard_index == 1 and not self.marker.exists():
            self.marker.touch()
            advance(7)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().measured(shard_index, run, advance)


def dying_job(model: ClipModel, marker: Path) -> WordsJob:
    job = words_job(model, DiesOnce)
    job.marker = marker
    return job


def test_a_worker_that_dies_loses_nothing_and_progress_adds_up(model: ClipModel, tmp_path: Path) -> None:
    recipe, path = partial(dying_job, model, tmp_path / "marker"), tmp_path / "there.duckdb"
    counted: list[int] = []

    def noted(job: Job, begun: Run, staging: Staging, indices: list[int], advance: Any) -> Generator[int]:
        return OnCluster(recipe, cpu_count=1)(job, begun, staging, indices, counted.append)

    outcome = run(recipe(), path, shards=noted)
    assert (tmp_path / "marker").exists() and outcome.computed == 4
    assert sum(counted) == 61
    run(words_job(model), tmp_path / "here.duckdb")
    assert_equal(tmp_path / "here.duckdb", path)


class Deadly(WordsJob):
    def measured(self, shard_index: int, run: Run, advance: Callable[[int], None]) -> Rows:
        os.kill(os.getpid(), signal.SIGKILL)
        return dict


def test_a_shard_that_kills_every_worker_ends_the_run_with_one_line(model: ClipModel, tmp_path: Path) -> None:
    recipe = partial(words_job, model, Deadly)
    with pytest.raises(ClusterFailed, match=r"shard \d has ended 3 workers .*run the same command again") as failed:
        run(recipe(), tmp_path / "w.duckdb", shards=OnCluster(recipe, cpu_count=BOTH_CPUS))
    assert "\n" not in str(failed.value)


class TooLarge(WordsJob):
    def measured(self, shard_index: int, run: Run, advance: Callable[[int], None]) -> Rows:
        raise TextTooLarge("too large, even here")


def test_an_error_of_a_worker_is_the_commands_own(model: ClipModel, tmp_path: Path) -> None:
    recipe = partial(words_job, model, TooLarge)
    with pytest.raises(TextTooLarge, match="too large, even here"):
        run(recipe(), tmp_path / "w.duckdb", shards=OnCluster(recipe, cpu_count=BOTH_CPUS))


def another_job(model: ClipModel, driver: int) -> WordsJob:
    shown = WORDS if os.getpid() == driver else WORDS[:-1]
    return WordsJob(model, shown, select_layers(model.layers, "4/2/6"), CPU)


def test_a_worker_that_would_compute_another_run_is_refused(model: ClipModel, tmp_path: Path) -> None:
    recipe = partial(another_job, model, os.getpid())
    with pytest.raises(ClusterFailed, match=r"another run .* install the same version"):
        run(recipe(), tmp_path / "w.duckdb", shards=OnCluster(recipe, cpu_count=BOTH_CPUS))


def test_pictures_decoded_in_tasks_are_equal_and_a_crash_takes_none_along(
    inventory: Inventory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.ray.cluster.decode_all", decode_or_end)
    (tmp_path / "crasher.png").write_bytes(b"end%d" % signal.SIGSEGV)
    (tmp_path / "killer.png").write_bytes(b"end%d" % signal.SIGKILL)
    wanted = [(picture.uri, picture.content_sha256) for picture in inventory.pictures(range(0, 70))]
    settings = DecodingSettings(64)
    with Decoders(settings, worker_count=1) as decoders:
        expected = list(decoders.decoded(wanted))
    *found, crasher = ClusterDecoders(settings).decoded([*wanted, (str(tmp_path / "crasher.png"), "")])
    assert crasher.error_message == "the decoder crashed on it"
    with pytest.raises(MachineFault, match=r"killer\.png: killed by SIGKILL"):
        list(ClusterDecoders(settings).decoded([(str(tmp_path / "killer.png"), "")]))
    assert [one.error_message for one in found] == [one.error_message for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.thumbnail == other.thumbnail and np.array_equal(one.pixels, other.pixels)


def test_errors_cross_processes_with_their_text(tmp_path: Path) -> None:
    error = NoPath("4/2/6", "1/0/1", [])
    again = ray.get(ray.put(error))
    assert type(again) is NoPath and str(again) == str(error)


def test_the_device_is_the_clusters() -> None:
    assert cluster_arithmetic("auto", "bf16").device == "cpu"
    with pytest.raises(UsageError, match="has no GPU"):
        cluster_arithmetic("cuda", "float32")
    with pytest.raises(UsageError, match="its own GPU"):
        cluster_arithmetic("cuda:1", "float32")


def test_without_ray_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in ("ingest.ray.cluster", "ingest.ray.runner"):
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(name, raising=False)
    assert main(["ingest", "words", "--runner", "ray"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install '.[ray]'" in line


def test_an_address_without_the_runner_is_refused(capsys: pytest.CaptureFixture) -> None:
    assert main(["ingest", "words", "--ray-address", "auto"]) == 2
    assert "--runner ray" in capsys.readouterr().err


def test_a_cluster_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    monkeypatch.setattr("ray.init", lambda **options: pytest.fail("Ray waits for minutes where nothing listens"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        for scheme in ("", "ray://"):
            with pytest.raises(ClusterFailed, match=r"no Ray cluster answers at .*ray start --head"):
                connect(f"{scheme}127.0.0.1:{taken.getsockname()[1]}")
