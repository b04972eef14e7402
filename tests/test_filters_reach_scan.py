"""A question about one unit or one word reads few row groups of `activations`, however large the table is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from helpers.small_run import MODEL, RUN, stimuli
from warehouse.loading import ModelRecord, begin_run, load_staged
from warehouse.staging import Staging

UNITS, WORDS_PER_SHARD, SHARDS = 1_200, 512, 4  # 2.5 million rows: five row groups a shard


@pytest.fixture(scope="module")
def large_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "warehouse.duckdb"
    units = pl.DataFrame(
        {
            "layer_name": "4/2/6",
            "channel_index": range(UNITS),
            "unit_name": [f"4/2/6/{channel}" for channel in range(UNITS)],
            "batch_norm_scale": 1.0,
            "batch_norm_shift": 0.0,
        }
    )
    model = ModelRecord(MODEL.model, MODEL.layers.with_columns(channel_count=UNITS), units)
    words = ["eeeeee", *(f"word{number}" for number in range(1, WORDS_PER_SHARD * SHARDS))]
    run = begin_run(path, replace(RUN, shard_count=SHARDS), model, stimuli(*words))
    staging = Staging(path, run.warehouse_id, RUN.settings_sha256)
    random = np.random.default_rng(0)
    for shard_index in range(SHARDS):
        shown = run.stimulus_ids[shard_index * WORDS_PER_SHARD : (shard_index + 1) * WORDS_PER_SHARD]
        mean = random.standard_normal(UNITS * WORDS_PER_SHARD, np.float32)
        rows = {
            "stimulus_id": np.tile(np.array(shown, np.int32), UNITS),
            "unit_id": np.repeat(np.array(run.unit_ids["4/2/6"], np.int32), WORDS_PER_SHARD),
            "activation_mean": mean,
            "activation_max": mean + 1,
        }
        staging.stage(shard_index, {"activations": pl.DataFrame(rows)})
    assert load_staged(path, staging, run.run_id) == []
    return path


def scans(operator: dict[str, Any]) -> list[dict[str, Any]]:
    """The scans of activations at or below an operator of a plan."""
    is_scan = operator["extra_info"].get("Table", "").endswith(".activations")
    below = [scan for child in operator.get("children", []) for scan in scans(child)]
    return [operator, *below] if is_scan else below


def scans_of(path: Path, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        ((_, plan),) = connection.execute(f"explain (analyze, format json) {sql}").fetchall()
    found = [scan for operator in json.loads(plan)["operator"] for scan in scans(operator)]
    assert found, "the plan names no scan of activations"
    return found


def test_the_table_has_many_row_groups(large_warehouse: Path) -> None:
    (scan,) = scans_of(large_warehouse, "select sum(activation_max) from activations where activation_max < 0")
    assert scan["total_row_groups_to_scan"] == 5 * SHARDS


@pytest.mark.parametrize(
    "sql",
    [
        "from unit_top_words where unit_name = '4/2/6/34' order by word_rank limit 20",
        "from all_runs.unit_top_words where run_id = 1 and unit_name = '4/2/6/34'",
        "from word_activations where unit_id = 35",
        "from stimulus_activations where unit_name = '4/2/6/34'",
        "from unit_card('4/2/6/34')",
    ],
)
def test_one_unit_reads_at_most_two_row_groups_a_shard(large_warehouse: Path, sql: str) -> None:
    for scan in scans_of(large_warehouse, sql):
        assert scan["intermediate_rows"] == WORDS_PER_SHARD * SHARDS
        assert scan["row_groups_scanned"] <= 2 * SHARDS


@pytest.mark.parametrize(
    "sql",
    [
        "from word_top_units where word = 'word700' and layer_name = '4/2/6' order by unit_rank limit 20",
        "from all_runs.word_top_units where run_id = 1 and word = 'word700'",
        "from stimulus_activations where stimulus_text = 'word700'",
        "from stimulus_activations where stimulus_id = 701",
        "from channel_difference('word700', 'eeeeee') where layer_name = '4/2/6' limit 10",
        "from channel_intersection('#701', 'word5')",
    ],
)
def test_one_word_reads_the_row_groups_of_its_shard(large_warehouse: Path, sql: str) -> None:
    for scan in scans_of(large_warehouse, sql):
        assert scan["intermediate_rows"] == UNITS
        assert scan["row_groups_scanned"] <= 5 + 1
