"""A run that is small enough to follow: one layer of two units, four words, two shards of two words each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from warehouse.loading import ModelRecord, Run, RunRecord, begin_run
from warehouse.staging import Staging

MODEL = ModelRecord(
    model={
        "model_name": "RN50",
        "pretrained_tag": "openai",
        "weights_sha256": "weights",
        "image_size_px": 224,
        "layer_count": 1,
        "unit_count": 2,
    },
    layers=pl.DataFrame(
        {
            "layer_name": ["4/2/6"],
            "block_index": [4],
            "bottleneck_index": [2],
            "op_index": [6],
            "layer_order": [0],
            "layer_kind": ["relu"],
            "module_path": ["layer4.2"],
            "channel_count": [2],
            "map_height": [7],
            "map_width": [7],
            "microscope_layer": ["image_block_4_2_Add_6_0"],
        }
    ),
    units=pl.DataFrame(
        {
            "layer_name": ["4/2/6", "4/2/6"],
            "channel_index": [0, 1],
            "unit_name": ["4/2/6/0", "4/2/6/1"],
            "batch_norm_scale": [1.0, 1.0],
            "batch_norm_shift": [0.0, 0.0],
        }
    ),
)
RUN = RunRecord(
    job_name="words",
    settings="{}",
    settings_sha256="5e77" * 16,
    device="cpu",
    dtype="float32",
    versions="{}",
    shard_count=2,
    baseline_content_sha256="text of eeeeee",
)
AVERAGE_RUN = replace(RUN, settings_sha256="a4e7" * 16, baseline_content_sha256=None)


def stimuli(*words: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "stimulus_kind": "word",
            "stimulus_text": words,
            "content_sha256": [f"text of {word}" for word in words],
            "is_explicit": False,
        }
    )


STIMULI = stimuli("eeeeee", "cat", "dog", "cow")


def begin(path: Path, record: RunRecord = RUN) -> tuple[Run, Staging]:
    run = begin_run(path, record, MODEL, STIMULI)
    return run, Staging(path, run.warehouse_id, record.settings_sha256)


def shard(run: Run, shard_index: int) -> dict[str, pl.DataFrame]:
    """Both units' answers to two words: the first unit says 1, 2, 3, 4 to the four words, the second ten times that."""
    return {"activations": answers(run, [2 * shard_index, 2 * shard_index + 1])}


def answers(run: Run, positions: Sequence[int]) -> pl.DataFrame:
    rows = [
        (run.stimulus_ids[position], unit_id, (position + 1.0) * factor)
        for unit_id, factor in zip(run.unit_ids["4/2/6"], (1, 10), strict=True)
        for position in positions
    ]
    frame = pl.DataFrame(rows, ["stimulus_id", "unit_id", "activation_mean"], orient="row")
    return frame.with_columns(activation_max=pl.col("activation_mean") + 1)
