"""The job `pictures` against open_clip's own preprocessing and modules with hooks, and its account of every file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

import warehouse
from helpers.narrow_model import make_known
from helpers.picture_files import PictureFile, awkward, broken, small_set
from ingest.network.device import Arithmetic, arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.pictures.job import PicturesJob, _sketched_shard, default_keep
from ingest.runs.job import cut
from ingest.runs.loop import run
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import square
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import Item, items, read_picture
from test_capture import hooked
from warehouse.checking import check
from warehouse.explicit import mark_explicit


@pytest.fixture(scope="module")
def model() -> ClipModel:
    """Of RN50's 52 layers, an eighth as wide: every activation of 500 pictures is compared."""
    return load_model(make_known(), "random")


@pytest.fixture(scope="module")
def files() -> list[PictureFile]:
    return awkward(496)


@pytest.fixture(scope="module")
def folder(files: list[PictureFile], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All awkward pictures, the broken files, and two doubles."""
    top = tmp_path_factory.mktemp("set")
    (top / "below").mkdir()
    for number, file in enumerate(files):
        (top / ("below" if number % 2 else "") / file.name).write_bytes(file.content)
    for name, content in broken().items():
        (top / name).write_bytes(content)
    (top / "double of 0.png").write_bytes(files[0].content)
    (top / "zzz.jpg").write_bytes(b"")
    return top


def ingest(
    model: ClipModel, source: Path | Iterable[Item], path: Path, layers: str = "4/2/6", **options: Any
) -> tuple[int, Inventory]:
    set_folder = path.with_suffix(".set")
    set_folder.mkdir(exist_ok=True)
    found = items(str(source)) if isinstance(source, Path) else source
    inventory = take_inventory(found, set_folder)
    job = PicturesJob(model, inventory, select_layers(model.layers, layers), arithmetic("cpu"), **options)
    with closing(job):
        return run(job, path).run_id, inventory


@pytest.fixture(scope="module")
def measured(model: ClipModel, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("measured") / "w.duckdb"
    ingest(model, folder, path, "all", keep="activations")
    return path


def preprocessing(model: ClipModel) -> Callable[[Image.Image], torch.Tensor]:
    """open_clip's own."""
    size_px = model.image_size_px
    return open_clip.image_transform(size_px, is_train=False, mean=model.image_mean, std=model.image_std)


def test_activations_of_500_awkward_pictures_equal_open_clips_own(
    model: ClipModel, files: list[PictureFile], measured: Path
) -> None:
    preprocess = preprocessing(model)
    stored = warehouse.query(
        "select parse_filename(source_uri) as name, layer_name, channel_index, activation_mean, activation_max "
        "from activations inner join stimuli using (stimulus_id) inner join units using (unit_id) "
        "inner join layers using (layer_id) order by name, layer_order, channel_index",
        warehouse=measured,
        row_limit=10_000_000,
    ).partition_by("name", as_dict=True)
    assert len(stored) == len(files) == 500
    for start in range(0, len(files), 100):
        part = files[start : start + 100]
        maps = hooked(model.visual, torch.stack([preprocess(file.seen) for file in part]))
        layer_names = [layer.layer_name for layer in model.layers]
        mean = torch.cat([maps[name].mean((2, 3)) for name in layer_names], 1).numpy()
        peak = torch.cat([maps[name].amax((2, 3)) for name in layer_names], 1).numpy()
        for row, file in enumerate(part):
            mine = stored[(file.name,)]
            np.testing.assert_allclose(mine["activation_mean"], mean[row], rtol=1e-4, atol=2e-5, err_msg=file.name)
            np.testing.assert_allclose(mine["activation_max"], peak[row], rtol=1e-4, atol=1e-4, err_msg=file.name)


def test_preprocessing_is_open_clips_bit_for_bit(files: list[PictureFile]) -> None:
    for size in (64, 97, 224):
        preprocess = open_clip.image_transform(size, is_train=False, mean=(0.0,) * 3, std=(1.0,) * 3)
        for file in files[-60:]:
            if max(file.seen.size) / min(file.seen.size) < 500:
                theirs = preprocess(file.seen).mul(255).round().byte().permute(1, 2, 0).numpy()
                assert np.array_equal(np.asarray(square(file.seen, size)), theirs), (file.name, size)


def test_every_file_is_accounted_for(files: list[PictureFile], folder: Path, measured: Path) -> None:
    given = sum(1 for path in folder.rglob("*") if path.is_file() and path.suffix != ".eps")  # not a kind of picture
    unreadable = set(broken()) - {"program.eps"}
    counts = "count(*) filter (error_message is null), count(error_message)"
    ((shown, rejected),) = warehouse.query(f"select {counts} from stimuli", warehouse=measured).rows()
    assert (shown, rejected) == (len(files), len(unreadable))
    assert shown + rejected + 2 == given  # two files have the bytes of another
    ((settings,),) = warehouse.query("select settings::json ->> '$.given_count' from runs", warehouse=measured).rows()
    assert int(settings) == given
    errors = dict(
        warehouse.query(
            "select parse_filename(source_uri), error_message from stimuli where error_message is not null",
            warehouse=measured,
        ).rows()
    )
    assert set(errors) == unreadable
    assert "empty" in errors["zero.png"]
    assert "too large" in errors["bomb.png"] and "too large" in errors["thin.png"]
    assert "truncated" in errors["truncated.png"]
    assert [result for result in check(measured) if result.failing_count] == []


def test_an_address_leads_back_to_the_bytes(files: list[PictureFile], measured: Path) -> None:
    found = dict(
        warehouse.query("select parse_filename(source_uri), source_uri from stimuli", warehouse=measured).rows()
    )
    for file in files[::50]:
        assert read_picture(found[file.name]) == file.content


def test_thumbnails_show_the_square_that_the_model_sees(
    model: ClipModel, measured: Path, files: list[PictureFile]
) -> None:
    size_px = model.image_size_px
    wide = next(file for file in files if file.seen.size == (200, 41))
    ((content,),) = warehouse.query(
        "select thumbnail from thumbnails inner join stimuli using (stimulus_id) where ends_with(source_uri, $name)",
        warehouse=measured,
        name=wide.name,
    ).rows()
    thumbnail = read_thumbnail(content)
    assert thumbnail.size == (size_px, size_px)
    difference = np.asarray(thumbnail, float) - np.asarray(square(wide.seen, size_px), float)
    assert np.abs(difference).mean() < 12  # WebP is lossy


def read_thumbnail(content: bytes) -> Image.Image:
    from io import BytesIO

    with Image.open(BytesIO(content)) as opened:
        assert opened.format == "WEBP"
        return opened.convert("RGB")


def test_sketches_equal_the_kept_activations(measured: Path) -> None:
    """Every activation is kept here, so SQL can compute each sketch again."""
    wrong = """
    with exact as (
        select unit_id, count(*) as n, sum(activation_mean::double) as s, sum(activation_mean::double ** 2) as q,
            count(*) filter (activation_mean > 0) as p, min(activation_mean) as lo, max(activation_mean) as hi,
            max(activation_max) as peak
        from activations group by unit_id
    )
    select count(*) from exact inner join activation_sketches using (unit_id)
    where n <> stimulus_count or abs(s - activation_sum) > 1e-9 * n or abs(q - activation_square_sum) > 1e-9 * n
        or p <> positive_count or lo <> activation_mean_min or hi <> activation_mean_max or peak <> activation_max_max
    """
    assert warehouse.query(wrong, warehouse=measured).item() == 0
    examples = """
    with exact as (
        select unit_id, stimulus_id, activation_mean, activation_max,
            row_number() over (partition by unit_id order by activation_mean desc, content_sha256) as example_rank
        from activations inner join stimuli using (stimulus_id)
    )
    select unit_id, example_rank, stimulus_id, activation_mean, activation_max from exact where example_rank <= 100
    """
    columns = "unit_id, example_rank, stimulus_id, activation_mean, activation_max"
    for left, right in (
        (examples, f"select {columns} from top_examples"),
        (f"select {columns} from top_examples", examples),
    ):
        assert warehouse.query(f"select count(*) from (({left}) except all ({right}))", warehouse=measured).item() == 0


def test_the_position_of_the_maximum_is_where_the_hooked_map_has_it(
    model: ClipModel, files: list[PictureFile], measured: Path
) -> None:
    preprocess = preprocessing(model)
    by_name = {file.name: file for file in files}
    rows = warehouse.query(
        "select parse_filename(source_uri) as name, layer_name, channel_index, max_row_index, max_column_index, "
        "example.activation_max from top_examples as example inner join stimuli using (stimulus_id) "
        "inner join units using (unit_id) inner join layers using (layer_id) "
        "where example_rank % 33 = 1 and layer_name in ('1/0/1', '3/5/6', '4/2/5') and channel_index % 9 = 0",
        warehouse=measured,
    ).rows()
    assert len(rows) > 50
    names = sorted({name for name, *_ in rows})
    maps: dict[str, dict[str, torch.Tensor]] = {}
    for start in range(0, len(names), 50):
        part = names[start : start + 50]
        found_maps = hooked(model.visual, torch.stack([preprocess(by_name[name].seen) for name in part]))
        for at, name in enumerate(part):
            maps[name] = {layer: found_maps[layer][at] for layer in ("1/0/1", "3/5/6", "4/2/5")}
    for name, layer, channel, row, column, peak in rows:
        found = maps[name][layer][channel]
        assert found[row, column].item() == pytest.approx(peak, rel=1e-4, abs=1e-4)
        assert found[row, column].item() == pytest.approx(found.max().item(), rel=1e-4, abs=1e-4)


@pytest.fixture
def tiny_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pictures.job._PICTURES_PER_SHARD", 16)
    monkeypatch.setattr("ingest.stimuli.inventory.KEPT_PICTURES", 10)
    monkeypatch.setattr("ingest.pictures.job.KEPT_PICTURES", 10)


def comparable(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Sketch tables by content hash, not by the ids that loading gave; sums without their last bits."""
    queries = {
        "sketches": "select unit_id, stimulus_count, round(activation_sum, 9), positive_count, activation_mean_min, "
        "activation_mean_max, activation_max_max from activation_sketches order by all",
        "histograms": "select unit_id, bucket_index, stimulus_count from activation_histograms order by all",
        "examples": "select unit_id, example_rank, content_sha256, activation_mean, activation_max, max_row_index, "
        "max_column_index from top_examples inner join stimuli using (stimulus_id) order by all",
        "kept": "select unit_id, content_sha256, activation_mean from activations inner join stimuli "
        "using (stimulus_id) order by all",
    }
    return {name: warehouse.query(sql, warehouse=path).rows() for name, sql in queries.items()}


@pytest.mark.usefixtures("tiny_shards")
def test_the_order_in_which_shards_are_loaded_changes_nothing(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_set(tmp_path / "set")
    ingest(model, source, tmp_path / "forwards.duckdb", keep="sketches")
    monkeypatch.setattr("ingest.runs.loop.missing_shards", _backwards)
    ingest(model, source, tmp_path / "backwards.duckdb", keep="sketches")
    first = "select arg_min(shard_index, loaded_at) from shards"  # two that wait together are loaded in their order
    assert warehouse.query(first, warehouse=tmp_path / "backwards.duckdb").item() == 2
    forwards = comparable(tmp_path / "forwards.duckdb")
    assert len(forwards["kept"]) == 10 * 256 and len(forwards["examples"]) == 40 * 256
    assert forwards == comparable(tmp_path / "backwards.duckdb")


def _backwards(*given: Any) -> list[int]:
    from warehouse.loading import missing_shards

    return missing_shards(*given)[::-1]


@pytest.mark.usefixtures("tiny_shards")
def test_one_shard_or_many_give_the_same_sketches(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_set(tmp_path / "set")
    ingest(model, source, tmp_path / "many.duckdb", keep="sketches")
    monkeypatch.setattr("ingest.pictures.job._PICTURES_PER_SHARD", 4_096)
    ingest(model, source, tmp_path / "one.duckdb", keep="sketches")
    many, one = comparable(tmp_path / "many.duckdb"), comparable(tmp_path / "one.duckdb")
    assert [row[:2] for row in many["sketches"]] == [row[:2] for row in one["sketches"]]
    # Another batch size may round a convolution differently; the pictures stay the same.
    assert {row[2] for row in many["examples"]} == {row[2] for row in one["examples"]}
    assert {row[1] for row in many["kept"]} == {row[1] for row in one["kept"]}


@pytest.mark.usefixtures("tiny_shards")
def test_for_a_gpu_the_next_shards_pictures_are_begun_early_and_once(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, begun = small_set(tmp_path / "set"), []
    ingest(model, source, tmp_path / "here.duckdb", keep="sketches")
    begin = Decoders._begin
    monkeypatch.setattr(Decoders, "_begin", lambda self, chunk: begun.append(chunk) or begin(self, chunk))
    monkeypatch.setattr(Arithmetic, "is_gpu", True)
    shown: list[int] = []
    seen_by = PicturesJob.measured

    def noted(self: PicturesJob, shard_index: int, *given: Any) -> Any:
        rows = seen_by(self, shard_index, *given)
        shown.append(len(begun))
        return rows

    monkeypatch.setattr(PicturesJob, "measured", noted)
    ingest(model, source, tmp_path / "beside.duckdb", keep="sketches")
    assert shown == [2, 3, 3], "each shard is one chunk, and the one after it is begun before its own is shown"
    assert comparable(tmp_path / "here.duckdb") == comparable(tmp_path / "beside.duckdb")


def test_three_shards_of_sketches_have_no_fourth_for_the_rest() -> None:
    for count, sizes in {
        1: [1],
        4_096: [4_096],
        5_119: [4_096, 1_023],
        12_289: [4_097, 4_097, 4_095],
        32_768: [10_923, 10_923, 10_922],
        49_152: [16_384] * 3,
        49_153: [16_384] * 3 + [1],
    }.items():
        assert [len(part) for part in cut(count, _sketched_shard(count, 224))] == sizes
    assert [len(part) for part in cut(50_000, _sketched_shard(50_000, 64))] == [16_667, 16_667, 16_666]


@pytest.mark.usefixtures("tiny_shards")
def test_the_sample_is_the_pictures_with_the_smallest_hashes(model: ClipModel, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    ingest(model, small_set(tmp_path / "set"), path, keep="sketches")
    kept = warehouse.query(
        "select distinct content_sha256 from activations inner join stimuli using (stimulus_id) order by all",
        warehouse=path,
    )
    smallest = warehouse.query("select content_sha256 from stimuli order by all limit 10", warehouse=path)
    assert kept.equals(smallest)
    assert [result for result in check(path) if result.failing_count] == []


def test_a_second_set_shares_what_the_first_has_shown(model: ClipModel, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    ingest(model, small_set(tmp_path / "first", 12), path)
    again = small_set(tmp_path / "second", 20)
    for name in ("000.png", "001.png"):
        (again / name).unlink()
    run_id, _ = ingest(model, again, path)
    assert warehouse.query("select count(*) from stimuli", warehouse=path).item() == 20
    assert warehouse.query(f"select count(*) from run_stimuli where run_id = {run_id}", warehouse=path).item() == 18
    assert ingest(model, again, path)[0] == run_id  # the same pictures are the same run
    moved = again.rename(tmp_path / "elsewhere")
    assert ingest(model, moved, path)[0] == run_id
    (moved / "019.png").unlink()
    assert ingest(model, moved, path)[0] != run_id
    assert [result for result in check(path) if result.failing_count] == []


def test_small_sets_keep_everything_and_large_ones_a_sample() -> None:
    assert default_keep(1_000, 10_400) == "activations"
    assert default_keep(4_100, 10_400) == "sketches"


def test_captions_keywords_and_explicit_pictures(model: ClipModel, tmp_path: Path) -> None:
    source, path = small_set(tmp_path / "set", 4), tmp_path / "w.duckdb"
    (source / "000.txt").write_text("a hat on a table")
    (source / "001.txt").write_text("what the fuck")
    (source / "002.json").write_text('{"keywords": ["hat", "cap"], "label": 7}')
    ingest(model, source, path, explicit=["003.png"])
    query = "select parse_filename(source_uri), stimulus_text, is_explicit from stimuli order by source_uri"
    assert warehouse.query(query, warehouse=path).rows() == [
        ("000.png", "a hat on a table", False),
        ("001.png", "what the fuck", True),
        ("002.png", None, False),
        ("003.png", None, True),
    ]
    words = warehouse.query("select keyword from stimulus_keywords order by keyword", warehouse=path)
    assert words["keyword"].to_list() == ["7", "cap", "hat"]
    assert mark_explicit(path, ["002.png", "003.png", "gone.png"]) == 1
    sha256 = warehouse.query(
        "select content_sha256 from stimuli where source_uri like '%001.png'", warehouse=path
    ).item()
    assert mark_explicit(path, [sha256, str(source / "002.png")], is_explicit=False) == 2
    assert warehouse.query("select is_explicit from stimuli order by source_uri", warehouse=path)[
        "is_explicit"
    ].to_list() == [False, False, False, True]
