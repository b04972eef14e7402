"""The words job end to end on the bundled model, against open_clip's modules run by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

import warehouse
from ingest.network.capture import normalised
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.runs.loop import run
from ingest.stimuli.texts import RasterSettings, rasterise
from ingest.words.job import AVERAGE_BASELINE, WordsJob, difference
from test_capture import hooked
from warehouse.checking import check
from warehouse.errors import TextTooLarge

WORDS = ["hat", "cat", "extraordinarily", "heart", "shit", "帽"]
LAYERS = "1/0/1,2/0/7,3/1/6,4/0/8,4/2/3,4/2/5"


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model("emoji-rn50")


def words_job(model: ClipModel, **options) -> WordsJob:
    return WordsJob(model, WORDS, select_layers(model.layers, LAYERS), arithmetic("cpu"), **options)


@pytest.fixture(scope="module")
def ingested(model: ClipModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "w.duckdb"
    run(words_job(model), path)
    return path


def test_stored_activations_equal_hooked_modules(model: ClipModel, ingested: Path) -> None:
    shown = ["eeeeee", "hat", "cat", "heart", "shit"]
    pixels = rasterise(shown, RasterSettings(model.image_size_px, model.text_size_px))
    maps = hooked(model.visual, normalised(torch.from_numpy(pixels), model.image_mean, model.image_std))
    rows = warehouse.query(
        "select stimulus_text, layer_name, activation_mean, activation_max from stimulus_activations "
        "order by layer_name, unit_id, stimulus_id",
        warehouse=ingested,
    )
    assert len(rows) == 5 * sum(maps[name].shape[1] for name in LAYERS.split(","))
    for name in LAYERS.split(","):
        stored = rows.filter(pl.col("layer_name") == name)
        expected = maps[name].flatten(2)
        assert stored["stimulus_text"].to_list()[:5] == shown
        np.testing.assert_allclose(
            stored["activation_mean"].to_numpy().reshape(-1, 5).T, expected.mean(2), rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            stored["activation_max"].to_numpy().reshape(-1, 5).T, expected.amax(2), rtol=1e-4, atol=1e-5
        )


def test_every_word_is_accounted_for(ingested: Path) -> None:
    rows = warehouse.query(
        "select stimulus_text, error_message, is_explicit from stimuli order by 1", warehouse=ingested
    )
    told = {text: (error, explicit) for text, error, explicit in rows.rows()}
    assert set(told) == {"eeeeee", *WORDS}
    assert told["hat"] == (None, False)
    assert told["shit"] == (None, True)
    assert told["extraordinarily"][0].startswith("text needs")
    assert told["帽"][0].startswith("no glyph")
    counted = warehouse.query("select stimulus_count, rejected_stimulus_count from run_details", warehouse=ingested)
    assert counted.row(0) == (7, 2)


def test_the_baseline_is_stored_and_subtracted(ingested: Path) -> None:
    row = warehouse.query(
        "select word, activation_difference, activation_mean, baseline_activation_mean from word_top_units "
        "where word = 'hat' and layer_name = '4/2/5' and unit_rank = 1",
        warehouse=ingested,
    ).row(0)
    stored = warehouse.query(
        "select max(activation_difference) from channel_difference('hat', 'eeeeee') where layer_name = '4/2/5'",
        warehouse=ingested,
    ).item()
    assert row[1] == pytest.approx(row[2] - row[3], abs=1e-6) == pytest.approx(stored, abs=1e-6)
    assert not len(warehouse.query("from unit_top_words where word = 'eeeeee'", warehouse=ingested))


def test_the_live_difference_is_the_stored_one(model: ClipModel, ingested: Path) -> None:
    live = difference(
        model, arithmetic("cpu"), RasterSettings(model.image_size_px, model.text_size_px), "hat", "eeeeee", "4/2/5"
    )
    stored = warehouse.query("from channel_difference('hat', 'eeeeee') where layer_name = '4/2/5'", warehouse=ingested)
    joined = live.join(stored, on="unit_name")
    assert len(joined) == 512
    np.testing.assert_allclose(joined["activation_difference"], joined["activation_difference_right"], atol=1e-5)


def test_the_same_job_again_does_nothing_and_another_baseline_is_another_run(
    model: ClipModel, ingested: Path, tmp_path: Path
) -> None:
    again = run(words_job(model), ingested)
    assert (again.run_id, again.computed) == (1, 0)
    path = tmp_path / "two.duckdb"
    assert run(words_job(model), path).run_id == 1
    other = run(words_job(model, baseline="cat"), path)
    assert (other.run_id, other.computed) == (2, 1)
    assert (
        warehouse.query("select run_id, stimulus_id from shown_runs, stimuli", warehouse=path)["run_id"].unique()[0]
        == 2
    )
    texts = warehouse.query("select stimulus_text from stimuli", warehouse=path)["stimulus_text"].to_list()
    assert len(texts) == len(set(texts)) == 7
    assert all(not result.failing_count for result in check(path))


def test_the_average_over_the_words_is_a_baseline(model: ClipModel, tmp_path: Path) -> None:
    path = tmp_path / "average.duckdb"
    run(words_job(model, baseline=AVERAGE_BASELINE), path)
    total = warehouse.query(
        "select unit_name, sum(activation_difference) as total from word_activations group by unit_name", warehouse=path
    )
    assert total["total"].abs().max() < 1e-4


def test_shards_cover_every_word_once_and_do_not_depend_on_each_other(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(words_job(model), tmp_path / "whole.duckdb")
    monkeypatch.setattr("ingest.words.job._WORDS_PER_SHARD", 16)
    words = [f"w{number}" for number in range(40)]
    job = WordsJob(model, words, select_layers(model.layers, "4/2/6"), arithmetic("cpu"))
    assert [job.size_of(index) for index in range(job.shard_count)] == [16, 16, 9]
    run(job, tmp_path / "cut.duckdb")
    assert warehouse.query("select count(*) from activations", warehouse=tmp_path / "cut.duckdb").item() == 41 * 512


def test_a_baseline_or_a_list_that_cannot_be_shown_is_an_error_before_any_work(model: ClipModel) -> None:
    with pytest.raises(TextTooLarge, match="extraordinarily"):
        words_job(model, baseline="extraordinarily")
    with pytest.raises(TextTooLarge, match="of 1 word none fits"):
        WordsJob(model, ["帽"], select_layers(model.layers, "4/2/6"), arithmetic("cpu"), baseline=AVERAGE_BASELINE)
