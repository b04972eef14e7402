"""The shares job on a handful of pictures: its numbers, its shards, and its messages when pictures are gone."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

import warehouse
from clip_warehouse import main
from helpers.ending import decode_or_end
from helpers.playing_site import Answer, playing
from ingest.network.capture import normalised
from ingest.network.device import Arithmetic
from ingest.network.layers import select_bottlenecks
from ingest.network.model import ClipModel, load_model
from ingest.runs import loop as runner
from ingest.runs.job import Job
from ingest.shares.images import example_images, feature_images
from ingest.shares.job import SharesJob
from ingest.stimuli.decoders import Decoders
from warehouse.checking import check
from warehouse.errors import InputError, SiteGone
from warehouse.loading import NO_STIMULI, Run

CPU = Arithmetic("cpu")
PICTURE_COUNT = 7
# (channel of 4/0/8, 4/1/6 and 4/2/6, number of the picture), by rank: 0 and 1 share pictures, 3 has one, the rest none.
EXAMPLES = {0: [0, 1, 2], 1: [2, 1, 5], 2: [6, 3, 4], 3: [4]}


class GivenJob(Job):
    """A run whose rows are given."""

    counted = "rows"
    shards = (range(1),)

    def __init__(
        self,
        name: str,
        model: ClipModel,
        rows: Callable[[Run], Mapping[str, pl.DataFrame]],
        stimuli: pl.DataFrame = NO_STIMULI,
    ) -> None:
        self.name, self.model, self.rows, self.stimuli = name, model, rows, stimuli  # type: ignore[misc]
        self.settings = GivenSettings(name)

    def compute(self, shard_index: int, run: Run, advance: Callable[[int], None]) -> Mapping[str, pl.DataFrame]:
        return self.rows(run)


@dataclass(frozen=True)
class GivenSettings:
    of: str


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model("emoji-rn50")


@pytest.fixture(scope="module")
def pixels(model: ClipModel) -> np.ndarray:
    """Pictures of the model's own size, so that preparing them changes nothing."""
    size = model.image_size_px
    return np.random.default_rng(0).integers(0, 256, (PICTURE_COUNT, size, size, 3), np.uint8)


def png(picture: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def put_pictures(folder: Path, pixels: np.ndarray) -> pl.DataFrame:
    folder.mkdir()
    rows = []
    for number, picture in enumerate(pixels):
        path = folder / f"{number}.png"
        path.write_bytes(png(picture))
        rows.append(("picture", str(path), hashlib.sha256(path.read_bytes()).hexdigest(), False))
    return pl.DataFrame(rows, ["stimulus_kind", "source_uri", "content_sha256", "is_explicit"], orient="row")


def example_rows(run: Run, layer_names: tuple[str, ...] = ("4/0/8", "4/1/6", "4/2/6")) -> dict[str, pl.DataFrame]:
    rows = [
        (run.unit_ids[layer][channel], rank, run.stimulus_ids[picture], 1.0, 1.0, 0, 0)
        for layer in layer_names
        for channel, pictures in EXAMPLES.items()
        for rank, picture in enumerate(pictures, start=1)
    ]
    names = ["unit_id", "example_rank", "stimulus_id", "activation_mean", "activation_max"]
    return {"top_examples": pl.DataFrame(rows, [*names, "max_row_index", "max_column_index"], orient="row")}


@pytest.fixture
def path(tmp_path: Path, empty_warehouse: Path, model: ClipModel, pixels: np.ndarray) -> Path:
    """A warehouse with a pictures run; the pictures lie in the folder beside it."""
    stimuli = put_pictures(tmp_path / "pictures", pixels)
    runner.run(GivenJob("pictures", model, example_rows, stimuli), empty_warehouse)
    return empty_warehouse


def given_features(model: ClipModel, pixels: np.ndarray, job: str = "features", source: str = "optimised") -> GivenJob:
    """Pictures 0 and 1 as the features of 4/2/6/0 and 4/2/6/3, and one that failed for 4/2/6/5."""

    def rows(run: Run) -> dict[str, pl.DataFrame]:
        units = run.unit_ids["4/2/6"]
        found = [
            (units[0], source, "channel", png(pixels[0])),
            (units[3], source, "channel", png(pixels[1])),
            (units[5], source, "channel", None),
        ]
        schema = {"unit_id": pl.Int32, "source": pl.String, "objective": pl.String, "image": pl.Binary}
        return {"feature_visualizations": pl.DataFrame(found, schema, orient="row")}

    return GivenJob(job, model, rows)


def job_of(path: Path, model: ClipModel, bottlenecks: str = "4/0,4/1,4/2", top: int = 100) -> SharesJob:
    chosen = select_bottlenecks(model.trunk, bottlenecks)
    images = example_images(path, model, [bottleneck.output_name for bottleneck in chosen], top)
    return SharesJob(model, chosen, images, CPU, top=top)


def shares(path: Path, unit: str, definition: str = "added") -> dict[str, Any]:
    found = warehouse.query(
        "select residual_shares.* from all_runs.shown_runs inner join residual_shares using (run_id) "
        "inner join units using (unit_id) where unit_name = $unit and definition = $definition",
        warehouse=path,
        unit=unit,
        definition=definition,
    )
    (row,) = found.iter_rows(named=True)
    return row


def expected_share(model: ClipModel, pixels: np.ndarray, bottleneck: str, channel: int) -> np.ndarray:
    """Share by definition `added` of one channel on each picture, one picture at a time, by hooks on open_clip."""
    block, number = map(int, bottleneck.split("/"))
    module = getattr(model.visual, f"layer{block}")[number]
    kept: dict[str, torch.Tensor] = {}
    found = []
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs: kept.__setitem__("shortcut", inputs[0].clone())),
        module.bn3.register_forward_hook(lambda _, __, out: kept.__setitem__("residual", out.clone())),
    ]
    if number == 0:
        hooks.append(module.downsample.register_forward_hook(lambda _, __, out: kept.update(shortcut=out.clone())))
    for picture in pixels:
        with torch.no_grad():
            model.visual(normalised(torch.from_numpy(picture[None]), model.image_mean, model.image_std))
        shortcut, residual = (kept[name][0, channel].double().norm().item() for name in ("shortcut", "residual"))
        found.append(shortcut / (shortcut + residual))
    for hook in hooks:
        hook.remove()
    return np.array(found)


@pytest.mark.parametrize(("bottleneck", "layer"), [("4/0", "4/0/8"), ("4/1", "4/1/6"), ("4/2", "4/2/6")])
def test_each_unit_is_averaged_over_its_own_examples(
    path: Path, model: ClipModel, pixels: np.ndarray, bottleneck: str, layer: str
) -> None:
    runner.run(job_of(path, model), path)
    for channel, pictures in EXAMPLES.items():
        found = shares(path, f"{layer}/{channel}")
        wanted = expected_share(model, pixels[pictures], bottleneck, channel)
        assert found["image_count"] == len(pictures)
        if np.isnan(wanted).any():
            continue  # both branches silent
        assert found["shortcut_share"] == pytest.approx(wanted.mean(), abs=1e-5)
        spread = None if len(pictures) < 2 else pytest.approx(wanted.std(ddof=1), abs=1e-5)
        assert found["shortcut_share_deviation"] == spread


def test_every_unit_has_both_definitions_and_the_checks_pass(path: Path, model: ClipModel) -> None:
    runner.run(job_of(path, model, "4/1,4/2"), path)
    counted = warehouse.query(
        "select definition, image_source, count(*) as units, count(shortcut_share) as measured from residual_shares "
        "group by all order by all",
        warehouse=path,
    )
    channel_count = model.layers[-1].channel_count
    assert [row[:3] for row in counted.rows()] == [
        ("added", "examples", 2 * channel_count),
        ("published", "examples", 2 * channel_count),
    ]
    failing = [result for result in check(path) if result.failing_count]
    # The given pictures run, number 1, is not complete.
    assert [result for result in failing if not result.first_failure.startswith("run_id 1,")] == []


def test_a_unit_without_examples_has_no_share(path: Path, model: ClipModel) -> None:
    runner.run(job_of(path, model, "4/2"), path)
    found = shares(path, "4/2/6/4")
    assert found.pop("image_count") == 0
    names = ("shortcut_norm", "residual_norm", "shortcut_share", "shortcut_share_deviation", "cosine_similarity")
    assert [found[name] for name in names] == [None] * 5


def test_top_limits_the_examples(path: Path, model: ClipModel) -> None:
    runner.run(job_of(path, model, "4/2", top=2), path)
    assert shares(path, "4/2/6/0")["image_count"] == 2


def test_a_picture_is_read_and_run_once_for_a_block(
    path: Path, model: ClipModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    class Counted(Decoders):
        def decoded(self, wanted: Sequence[Any]) -> Any:
            read.extend(uri for uri, _ in wanted)
            return super().decoded(wanted)

    monkeypatch.setattr(
        SharesJob.__init__, "__kwdefaults__", {**SharesJob.__init__.__kwdefaults__, "decoders": Counted}
    )
    job = job_of(path, model)
    assert (job.shard_count, job.size_of(0)) == (1, PICTURE_COUNT)
    runner.run(job, path)
    assert len(read) == len(set(read)) == PICTURE_COUNT


def test_a_shard_is_a_block_for_examples_and_some_units_for_features(
    path: Path, model: ClipModel, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.shares.job._UNITS_PER_SHARD", 4)
    runner.run(given_features(model, pixels), path)
    chosen = select_bottlenecks(model.trunk, "3/5,4/1,4/2")
    names = [bottleneck.output_name for bottleneck in chosen]
    assert SharesJob(model, chosen, example_images(path, model, names, 100), CPU).shard_count == 2
    job = SharesJob(model, chosen[2:], feature_images(path, model, names, None), CPU)
    assert job.shard_count == model.layers[-1].channel_count // 4
    assert [job.size_of(index) for index in range(3)] == [2, 0, 0]
    runner.run(job, path)
    count = warehouse.query("select count(*), count(distinct unit_id) from residual_shares", warehouse=path).row(0)
    assert count == (2 * model.layers[-1].channel_count, model.layers[-1].channel_count)


def test_the_same_command_does_nothing_and_another_source_stands_beside(
    path: Path, model: ClipModel, pixels: np.ndarray, capsys: pytest.CaptureFixture
) -> None:
    runner.run(given_features(model, pixels), path)
    for images in ("examples", "features"):
        command = ["ingest", "shares", "--bottlenecks", "4/2", "--images", images, "--warehouse", str(path)]
        assert main(command) == 0
        capsys.readouterr()
        assert main(command) == 0
        assert "nothing to do" in capsys.readouterr().err
    shown = warehouse.query("select part_name from shown_runs where job_name = 'shares' order by 1", warehouse=path)
    assert shown["part_name"].to_list() == ["examples", "features"]


def test_features_are_a_units_own_picture(path: Path, model: ClipModel, pixels: np.ndarray) -> None:
    runner.run(given_features(model, pixels), path)
    assert main(["ingest", "shares", "--images", "features", "--warehouse", str(path)]) == 0
    for channel, picture in ((0, 0), (3, 1)):
        found = shares(path, f"4/2/6/{channel}")
        (wanted,) = expected_share(model, pixels[[picture]], "4/2", channel)
        assert found["image_count"] == 1
        assert found["shortcut_share"] == (None if np.isnan(wanted) else pytest.approx(wanted, abs=1e-5))
    assert shares(path, "4/2/6/5")["image_count"] == 0


def test_the_source_of_features_can_be_chosen(path: Path, model: ClipModel, pixels: np.ndarray) -> None:
    runner.run(given_features(model, pixels), path)
    runner.run(given_features(model, pixels[2:], "microscope", "microscope"), path)
    names = ["4/2/6"]
    newest, ours, theirs = (feature_images(path, model, names, source) for source in (None, "optimised", "microscope"))
    assert newest.run_sha256 == theirs.run_sha256 != ours.run_sha256
    (first_id, *_) = sorted(ours.pairs["image_id"])
    assert ours.wanted([first_id]) == [(png(pixels[0]), "")]
    assert theirs.wanted([first_id]) == [(png(pixels[2]), "")]


# Pictures that are gone


def test_a_picture_that_is_gone_or_changed_is_counted_and_left_out(
    path: Path, model: ClipModel, pixels: np.ndarray, capsys: pytest.CaptureFixture
) -> None:
    folder = path.parent / "pictures"
    (folder / "1.png").unlink()
    (folder / "2.png").write_bytes((folder / "3.png").read_bytes())
    (folder / "4.png").unlink()
    assert main(["ingest", "shares", "--bottlenecks", "4/2", "--warehouse", str(path)]) == 0
    assert "3 pictures could not be read any more: image_count says" in capsys.readouterr().err
    assert [shares(path, f"4/2/6/{channel}")["image_count"] for channel in EXAMPLES] == [1, 1, 2, 0]
    wanted = expected_share(model, pixels[[0]], "4/2", 0)[0]
    assert shares(path, "4/2/6/0")["shortcut_share"] == pytest.approx(wanted, abs=1e-5)


def test_a_site_that_does_not_answer_stops_the_run_and_changes_no_share(
    path: Path, model: ClipModel, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(path.parent / "cache"))
    is_up = [False]

    def answer(address: str, before: int) -> Answer:
        return Answer(png(pixels[int(address.removeprefix("/"))]), is_dropped=not is_up[0])

    with playing(answer) as site, duckdb.connect(str(path)) as connection:
        connection.execute(f"update stimuli set source_uri = '{site.url}/4' where source_uri like '%/4.png'")
        connection.close()
        with pytest.raises(SiteGone, match=f"{site.url}/4: .* when the site is back"):
            runner.run(job_of(path, model, "4/2"), path)
        assert warehouse.query("from residual_shares", warehouse=path).is_empty()
        is_up[0] = True
        runner.run(job_of(path, model, "4/2"), path)
    assert [shares(path, f"4/2/6/{channel}")["image_count"] for channel in EXAMPLES] == [3, 3, 3, 1]


def test_a_hostile_picture_ends_a_process_and_not_this_one(
    path: Path, model: ClipModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"end%d" % signal.SIGSEGV
    (path.parent / "pictures" / "4.png").write_bytes(content)
    with duckdb.connect(str(path)) as connection:
        sha256 = hashlib.sha256(content).hexdigest()
        connection.execute("update stimuli set content_sha256 = ? where source_uri like '%/4.png'", [sha256])
    monkeypatch.setattr("ingest.stimuli.decoders.decode_all", decode_or_end)
    with closing(job_of(path, model, "4/2")) as job:
        runner.run(job, path)
    assert [shares(path, f"4/2/6/{channel}")["image_count"] for channel in EXAMPLES] == [3, 3, 2, 0]


def test_when_all_pictures_are_gone_nothing_is_stored(path: Path, model: ClipModel) -> None:
    for picture in (path.parent / "pictures").iterdir():
        picture.unlink()
    with pytest.raises(InputError, match="of 7 pictures none can be read any more"):
        runner.run(job_of(path, model), path)
    assert warehouse.query("from residual_shares", warehouse=path).rows() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--images", "features"], "clip-warehouse ingest features or clip-warehouse ingest microscope"),
        (["--images", "features", "--source", "microscope"], "yet: clip-warehouse ingest microscope,"),
        (["--bottlenecks", "3/5,4/2"], "no examples of 3/5/6: make them with clip-warehouse ingest pictures"),
        (["--model", "emoji-rn50", "--pretrained", "random"], "no finished run of pictures of emoji-rn50 (random-0)"),
    ],
)
def test_what_is_missing_is_named_with_its_command(
    arguments: list[str], said: str, path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["ingest", "shares", *arguments, "--warehouse", str(path)]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_without_a_warehouse_the_first_command_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["ingest", "shares", "--warehouse", str(tmp_path / "none.duckdb")]) == 1
    assert "clip-warehouse ingest pictures SOURCE" in capsys.readouterr().err
    assert not (tmp_path / "none.duckdb").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bottlenecks", "4/9"], "no bottleneck '4/9': this model has 1/0, 1/1"),
        (["--bottlenecks", ","], "no bottleneck ','"),
        (["--top", "0"], "--top 0"),
        (["--source", "microscope"], "take --images features with it"),
    ],
)
def test_a_bad_argument_is_a_usage_error(
    arguments: list[str], said: str, path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["ingest", "shares", *arguments, "--warehouse", str(path)]) == 2
    assert said in capsys.readouterr().err
