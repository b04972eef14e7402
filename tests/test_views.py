"""Every view and macro on the rows of small_warehouse.sql, whose answers can be checked by eye.

Means of 4/1/5/0, 4/2/6/0, 4/2/6/1 in the shown words run: eeeeee (baseline) 1 2 6, cat 5 4 5, dog 2 8 6, damn 0 3 12.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from helpers.small_run import RUN, STIMULI
from warehouse.errors import QueryError
from warehouse.loading import begin_run

OF_WORDS = ("word_activations", "word_top_units", "unit_top_words")


def rows(path: Path, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path, **params).rows()


def write(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


# Runs


def test_shown_runs_are_the_newest_complete_one_of_each_job(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "from shown_runs order by run_id") == [(2, "words", ""), (4, "pictures", "")]


def test_shown_runs_go_by_the_time_of_finishing_not_by_number(small_warehouse: Path) -> None:
    write(small_warehouse, "update runs set finished_at = '2024-02-02' where run_id = 1")
    assert rows(small_warehouse, "select run_id from shown_runs where job_name = 'words'") == [(1,)]


def test_shown_runs_never_hold_an_unfinished_run(small_warehouse: Path) -> None:
    write(small_warehouse, "update runs set status = 'running' where run_id in (1, 2)")
    assert rows(small_warehouse, "from shown_runs") == [(4, "pictures", "")]


def test_run_details_tell_progress(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select run_id, status, loaded_shard_count, shard_count, stimulus_count, rejected_stimulus_count, row_count, "
        "duration_s, is_shown from run_details order by run_id",
    )
    assert found == [
        (1, "complete", 1, 1, 2, 0, 6, 60, False),
        (2, "complete", 2, 2, 5, 1, 12, 30, True),
        (3, "running", 1, 2, 2, 0, 3, None, False),
        (4, "complete", 1, 1, 1, 0, 3, 1, True),
    ]


def test_model_runs_name_the_newest_complete_run_of_each_model_and_part(small_warehouse: Path) -> None:
    write(
        small_warehouse,
        "insert into models values (2, 'RN50', 'random-0', 'other weights', 224, 2, 3); "
        "insert into runs select run_id, model_id, job_name, part_name, '{}', 'run ' || run_id, 'complete', 'cpu', "
        "'float32', '{}', '2024-05-01', finished_at, 1, 0, null from (values (5, 2, 'words', '', '2024-05-02'), "
        "(6, 1, 'shares', 'examples', '2024-05-02'), (7, 1, 'shares', 'features', '2024-05-03')) "
        "as new (run_id, model_id, job_name, part_name, finished_at)",
    )
    found = rows(small_warehouse, "select model_name, job_name, part_name, run_id from model_runs order by run_id")
    assert found == [
        ("RN50-quickgelu", "words", "", 2),
        ("RN50-quickgelu", "pictures", "", 4),
        ("RN50", "words", "", 5),
        ("RN50-quickgelu", "shares", "examples", 6),
        ("RN50-quickgelu", "shares", "features", 7),
    ]
    assert rows(small_warehouse, "select run_id from shown_runs order by run_id") == [(4,), (5,), (6,), (7,)]


def test_run_details_have_a_run_that_has_nothing_yet(small_warehouse: Path) -> None:
    write(
        small_warehouse,
        "insert into runs values "
        "(5, null, 'published', '4/2', '{}', 'run 5', 'running', 'cpu', 'float32', '{}', '2024-04-01', null, 1, 0, "
        "null)",
    )
    found = rows(
        small_warehouse,
        "select model_name, loaded_shard_count, stimulus_count, row_count, is_shown from run_details where run_id = 5",
    )
    assert found == [(None, 0, None, 0, False)]


@pytest.mark.parametrize("view", [*OF_WORDS, "stimulus_activations"])
def test_no_view_mixes_runs(small_warehouse: Path, view: str) -> None:
    shown = {(2,)} if view in OF_WORDS else {(2,), (4,)}
    assert set(rows(small_warehouse, f"select distinct run_id from {view}")) == shown


@pytest.mark.parametrize("view", OF_WORDS)
def test_older_complete_runs_can_be_asked_for(small_warehouse: Path, view: str) -> None:
    assert set(rows(small_warehouse, f"select distinct run_id from all_runs.{view}")) == {(1,), (2,)}


def test_an_older_run_keeps_its_own_baseline_and_ranks(small_warehouse: Path) -> None:
    # Run 1: cat 1 2 3, dog 3 6 9; its baseline is their average, 2 4 6.
    found = rows(
        small_warehouse,
        "select word, word_rank, activation_difference from all_runs.unit_top_words "
        "where run_id = 1 and unit_name = '4/2/6/0' order by word_rank",
    )
    assert found == [("dog", 1, 2), ("cat", 2, -2)]


def test_all_runs_holds_complete_runs_only(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "from all_runs.shown_runs order by run_id") == [
        (1, "words", ""),
        (2, "words", ""),
        (4, "pictures", ""),
    ]
    assert rows(small_warehouse, "select run_id from all_runs.run_details where is_shown order by run_id") == [
        (1,),
        (2,),
        (4,),
    ]


def test_all_runs_has_every_view(small_warehouse: Path) -> None:
    views = "select view_name from duckdb_views() where not internal and schema_name = $schema_name order by view_name"
    assert rows(small_warehouse, views, schema_name="all_runs") == rows(small_warehouse, views, schema_name="main")


def test_relation_details_list_what_can_be_asked_for(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select relation_name, relation_kind, row_count, column_count, parameters from relation_details "
        "where relation_name in ('units', 'shown_runs', 'channel_difference') order by 1",
    )
    assert found == [
        ("channel_difference", "macro", None, None, "target, baseline"),
        ("shown_runs", "view", None, 3, None),
        ("units", "table", 3, 6, None),
    ]
    assert rows(small_warehouse, "from relation_details where coalesce(description, '') = ''") == []


# Models, layers, units


@pytest.mark.parametrize(
    ("model_name", "microscope_model"),
    [
        ("RN50", "contrastive_rn50"),
        ("RN50-quickgelu", "contrastive_rn50"),
        ("RN101", "contrastive_v2"),
        ("RN101-quickgelu", "contrastive_v2"),
        ("RN50x4", "contrastive_4x"),
        ("RN50x16", "contrastive_16x"),
        ("RN50x64", None),
        ("emoji-rn50", None),
        ("local-dir:RN50", None),
    ],
)
def test_layer_details_name_the_model_as_microscope_does(
    small_warehouse: Path, model_name: str, microscope_model: str | None
) -> None:
    write(small_warehouse, f"update models set model_name = '{model_name}'")
    assert rows(small_warehouse, "select distinct model_name, microscope_model from layer_details") == [
        (model_name, microscope_model)
    ]


def test_layer_details_are_one_row_a_layer(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select layer_name, model_name, pretrained_tag, channel_count, microscope_layer from layer_details order by 1",
    )
    assert found == [
        ("4/1/5", "RN50-quickgelu", "openai", 1, "image_block_4_1_add_5_0"),
        ("4/2/6", "RN50-quickgelu", "openai", 2, "image_block_4_2_Add_6_0"),
    ]


def test_unit_details_link_to_microscope(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "select unit_name, microscope_url from unit_details order by unit_id") == [
        ("4/1/5/0", "https://microscope.openai.com/models/contrastive_rn50/image_block_4_1_add_5_0/0"),
        ("4/2/6/0", "https://microscope.openai.com/models/contrastive_rn50/image_block_4_2_Add_6_0/0"),
        ("4/2/6/1", "https://microscope.openai.com/models/contrastive_rn50/image_block_4_2_Add_6_0/1"),
    ]


@pytest.mark.parametrize(
    ("unit", "page"),
    [
        ("1/0/1/0", "image_block_1_0_add_1_0/0"),
        ("3/5/3/7", "image_block_3_5_add_3_0/7"),
        ("4/1/5/34", "image_block_4_1_add_5_0/34"),
        ("4/0/7/2", "image_block_4_0_add_7_0/2"),
        ("4/0/8/11", "image_block_4_0_Add_8_0/11"),
        ("4/2/6/34", "image_block_4_2_Add_6_0/34"),
    ],
)
def test_unit_details_know_the_microscope_page_of_every_kind_of_layer(
    a_real_models_warehouse: Path, unit: str, page: str
) -> None:
    assert rows(
        a_real_models_warehouse, "select microscope_url from unit_details where unit_name = $unit", unit=unit
    ) == [(f"https://microscope.openai.com/models/contrastive_rn50/{page}",)]


@pytest.fixture(scope="module")
def a_real_models_warehouse(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layers and units of the bundled model, which has RN50's addresses, under RN50's name."""
    from ingest.network.architectures import BUNDLED_MODEL
    from ingest.network.model import load_model
    from ingest.runs.loop import model_record

    record = model_record(load_model(BUNDLED_MODEL, None))
    record.model.update(model_name="RN50", pretrained_tag="openai")
    path = Path(shutil.copy(built, tmp_path_factory.mktemp("real") / "warehouse.duckdb"))
    begin_run(path, RUN, record, STIMULI)
    return path


@pytest.mark.parametrize(
    ("name", "tag", "is_linked"),
    [
        ("emoji-rn50", "openai", False),
        ("RN50", "yfcc15m", False),
        ("RN50", "random-3", False),
        ("RN50-quickgelu", "/home/me/RN50.pt", True),
        ("RN50-quickgelu", "/home/me/epoch_3.pt", False),
        ("RN50", "/models/resnet50_clip.openai/open_clip_model.safetensors", True),
    ],
)
def test_unit_details_link_to_microscope_where_the_weights_are_openais(
    name: str, tag: str, is_linked: bool, small_warehouse: Path
) -> None:
    write(small_warehouse, f"update models set model_name = '{name}', pretrained_tag = '{tag}'")
    found = rows(small_warehouse, "select distinct microscope_url is not null from unit_details")
    assert found == [(is_linked,)]


def test_unit_details_carry_the_batch_norm(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select unit_name, layer_kind, batch_norm_scale, batch_norm_shift from unit_details order by unit_id limit 2",
    )
    assert found == [("4/1/5/0", "conv", 0.5, -1), ("4/2/6/0", "relu", 1, 0)]


def test_unit_card_is_one_line_with_the_top_words(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse, "select unit_name, model_name, channel_count, top_words from unit_card($unit)", unit="4/2/6/1"
    )
    assert found == [("4/2/6/1", "RN50-quickgelu", 2, ["damn", "dog", "cat"])]


def test_unit_card_of_a_unit_that_no_word_was_shown_to(small_warehouse: Path) -> None:
    write(small_warehouse, "delete from runs where job_name = 'words'")
    assert rows(small_warehouse, "select unit_name, top_words from unit_card('4/1/5/0')") == [("4/1/5/0", None)]


@pytest.mark.parametrize("unit", ["4/2/6/2", "4/2/6", "nonsense", ""])
def test_unit_card_of_an_unknown_address_is_an_error(small_warehouse: Path, unit: str) -> None:
    with pytest.raises(QueryError, match=f"no unit {unit} in this warehouse: write block/bottleneck/index/channel"):
        rows(small_warehouse, "from unit_card($unit)", unit=unit)


# Words


def test_word_coverage_counts_the_shown_words(small_warehouse: Path) -> None:
    # Shown: cat, dog, damn; rejected: incomprehensibilities; the baseline is not in the list.
    found = rows(
        small_warehouse,
        "select run_id, word_count, rejected_word_count, explicit_word_count, baseline_text, first_words "
        "from word_coverage",
    )
    assert found == [(2, 3, 1, 1, "eeeeee", ["cat", "dog"])]


def test_measured_layers_count_the_units_of_the_shown_run(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "select run_id, layer_name, unit_count from measured_layers order by layer_order") == [
        (2, "4/1/5", 1),
        (2, "4/2/6", 2),
    ]


def test_word_activations_subtract_the_baseline(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select word, activation_mean, baseline_activation_mean, activation_difference, activation_max, is_explicit "
        "from word_activations where unit_name = '4/2/6/1' order by stimulus_id",
    )
    assert found == [("cat", 5, 6, -1, 15, False), ("dog", 6, 6, 0, 16, False), ("damn", 12, 6, 6, 22, True)]


@pytest.mark.parametrize("view", OF_WORDS)
def test_neither_the_baseline_text_nor_a_rejected_word_is_a_row(small_warehouse: Path, view: str) -> None:
    assert set(rows(small_warehouse, f"select distinct word from {view}")) == {("cat",), ("dog",), ("damn",)}


def test_with_an_average_baseline_every_word_is_a_row(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select word, activation_difference from all_runs.word_activations "
        "where run_id = 1 and unit_name = '4/1/5/0' order by word",
    )
    assert found == [("cat", -1), ("dog", 1)]


def test_word_top_units_rank_inside_a_layer_by_the_difference(small_warehouse: Path) -> None:
    # Raw, cat drives 4/2/6/1 (5) more than 4/2/6/0 (4); above their baselines of 6 and 2 it is the other way round.
    found = rows(
        small_warehouse,
        "select layer_name, unit_rank, unit_name, activation_difference, activation_mean from word_top_units "
        "where word = 'cat' order by layer_name, unit_rank",
    )
    assert found == [
        ("4/1/5", 1, "4/1/5/0", 4, 5),
        ("4/2/6", 1, "4/2/6/0", 2, 4),
        ("4/2/6", 2, "4/2/6/1", -1, 5),
    ]


def test_unit_top_words_rank_inside_a_unit(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse,
        "select unit_name, word_rank, word, activation_difference, activation_mean from unit_top_words "
        "where layer_name = '4/2/6' order by unit_id, word_rank",
    )
    assert found == [
        ("4/2/6/0", 1, "dog", 6, 8),
        ("4/2/6/0", 2, "cat", 2, 4),
        ("4/2/6/0", 3, "damn", 1, 3),
        ("4/2/6/1", 1, "damn", 6, 12),
        ("4/2/6/1", 2, "dog", 0, 6),
        ("4/2/6/1", 3, "cat", -1, 5),
    ]


def test_equal_answers_are_ranked_by_name(small_warehouse: Path) -> None:
    write(small_warehouse, "update activations set activation_mean = 7 where run_id = 2 and stimulus_id <> 1")
    write(small_warehouse, "update baseline_activations set baseline_activation_mean = 1")
    assert rows(small_warehouse, "select word from unit_top_words where unit_name = '4/2/6/0' order by word_rank") == [
        ("cat",),
        ("damn",),
        ("dog",),
    ]
    assert rows(
        small_warehouse,
        "select unit_name from word_top_units where word = 'dog' and layer_name = '4/2/6' order by unit_rank",
    ) == [("4/2/6/0",), ("4/2/6/1",)]


def test_a_filter_leaves_the_ranks_as_they_are(small_warehouse: Path) -> None:
    found = rows(
        small_warehouse, "select word_rank from unit_top_words where unit_name = '4/2/6/1' and not is_explicit"
    )
    assert sorted(found) == [(2,), (3,)]


def test_computed_baselines_are_the_baseline_text_or_the_average(small_warehouse: Path) -> None:
    found = rows(small_warehouse, "from computed_baselines where run_id in (1, 2) order by run_id, unit_id")
    assert found == [(1, 1, 2), (1, 2, 4), (1, 3, 6), (2, 1, 1), (2, 2, 2), (2, 3, 6)]


def test_computed_baselines_leave_other_jobs_out(small_warehouse: Path) -> None:
    assert rows(small_warehouse, "select distinct run_id from computed_baselines order by run_id") == [(1,), (2,), (3,)]
