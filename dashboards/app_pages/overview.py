"""Overview: what the file holds, and how it was measured."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import polars as pl
import streamlit as st

from dashboards.markup import chips, numbers
from dashboards.markup.claim_links import claim_address
from dashboards.markup.numbers import duration, four_digits, text
from dashboards.reads import models, questions, warehouse_file
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column
from warehouse.wording import number_of

_CLAIMS_PX = 330
_FINGERPRINT_DIGITS = 12
_RUNS_PX = 266  # further rows scroll inside their table
_LAYERS_PX = 228


def _fingerprint(sha256: str) -> str:
    return sha256[:_FINGERPRINT_DIGITS]


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Settings by dotted name, each as one line; hashes shortened."""
    lines: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            lines |= _flat(value, f"{prefix}{name}.")
        else:
            lines[f"{prefix}{name}"] = _fingerprint(value) if name.endswith("_sha256") else text(value)
    return lines


def _settings_side_by_side(runs: pl.DataFrame) -> pl.DataFrame:
    """One row per setting, one column per run, so that what differs stands side by side."""
    by_run = {f"run {run_id}": _flat(json.loads(settings)) for run_id, settings in runs.iter_rows()}
    names = list(dict.fromkeys(name for settings in by_run.values() for name in settings))
    return pl.DataFrame(
        {"setting": names} | {run: [settings.get(name, "") for name in names] for run, settings in by_run.items()}
    )


def _models() -> None:
    rows = questions.answer("overview/models").rows
    with elements.section("Models", sql=questions.written("overview/models"), rows=rows):
        tables.table(
            rows,
            [
                Column("model_name", "model"),
                Column("pretrained_tag", "weights"),
                Column("weights_sha256", "fingerprint", "code", _fingerprint),
                Column("image_size_px", "picture, px", "number"),
                Column("layer_count", "layers", "number"),
                Column("unit_count", "units", "number"),
            ],
            label="Models",
            comments=warehouse_file.comments("models"),
        )


def _runs(runs: pl.DataFrame) -> None:
    progress = pl.format("{} of {}", "loaded_shard_count", "shard_count").alias("loaded_shard_count")
    with elements.section("Runs", "newest first", sql=questions.written("overview/runs"), rows=runs):
        tables.table(
            runs.with_columns(progress, job_name=pl.concat_str("job_name", "part_name", separator=" ")),
            [
                Column("run_id", "run", "number"),
                Column("job_name", "job"),
                Column("model_name", "model"),
                Column("status", "status", "state"),
                Column("loaded_shard_count", "shards", "number"),
                Column("stimulus_count", "stimuli", "number"),
                Column("rejected_stimulus_count", "rejected", "number"),
                Column("row_count", "rows", "number"),
                Column("started_at", "begun, UTC", "number"),
                Column("duration_s", "took", "number", duration),
                Column("dtype", "precision", "quiet"),
                Column("device", "device", "quiet"),
                Column("is_shown", "shown", "quiet"),
            ],
            label="Runs",
            comments=warehouse_file.comments("run_details"),
            most_px=_RUNS_PX,
        )
        with st.expander("Settings", type="compact"):
            settings = _settings_side_by_side(runs.select("run_id", "settings"))
            tables.table(
                settings,
                [Column("setting", "setting", "quiet"), *(Column(run, run) for run in settings.columns[1:])],
                label="Settings of each run",
                is_narrow=True,
            )


def _claims() -> None:
    """Published claims beside our figures, each linked to the unit, word or bottleneck that it is about."""
    answer = questions.answer("overview/claims", model=models.chosen())
    with elements.section("Published claims", _said_of(answer.rows), sql=answer.sql, rows=answer.rows):
        elements.markup(_waiting())
        if answer.rows.is_empty():
            notices.note(f"Nothing is claimed that {models.chosen_label()} could be asked.")
            return
        is_gated = answer.rows["gated_value"].is_not_null().any()
        linked = [chips.link(claim_address(row), row["claim"]) for row in answer.rows.iter_rows(named=True)]
        tables.table(
            answer.rows.with_columns(pl.Series("claim", linked, pl.String)),
            [
                Column("claim", "claim", draw=str),
                Column("published_value", "published", "number", four_digits),
                Column("our_value", "ours", "number", four_digits),
                *([Column("gated_value", "gated", "number", four_digits)] if is_gated else []),
                Column("verdict", "verdict", "state"),
                Column("reason", "why", "line"),
            ],
            label="Published claims",
            comments=warehouse_file.comments("claims"),
            most_px=_CLAIMS_PX,
        )


def _said_of(claims: pl.DataFrame) -> str:
    """Whose claims these are, and how many hold. Only the model that a claim is about can agree or differ."""
    counts = Counter(claims["verdict"])
    if tested := counts["agrees"] + counts["differs"]:
        testable = number_of(tested, "testable claim")
        return f"about OpenAI’s {claims['claimed_of'][0]}: {counts['agrees']} of {testable} agree"
    if counts["compares"]:
        return f"about OpenAI’s RN50; {models.chosen_label()} is another network and only compares"
    return ""


def _waiting() -> str:
    """How many claims need weights that the file does not hold."""
    rows = questions.answer("overview/claims_waiting").rows
    needed = " · ".join(
        f"{count} on {name}: <code>clip-warehouse reproduce --model {name}-quickgelu</code>"
        for name, count in rows.iter_rows()
    )
    return f'<p class="cw-words cw-quiet">Claims that need OpenAI’s weights: {needed}</p>' if needed else ""


def _words() -> None:
    words = questions.answer("overview/words").rows
    run = None if words.is_empty() else words.row(0, named=True)
    with elements.section(
        "Words", f"run {run['run_id']}" if run else "", sql=questions.written("overview/words"), rows=words
    ):
        if run is None:
            notices.note("Words appear here when a words run is complete.")
            return
        elements.facts(
            {
                "shown to the model": text(run["word_count"]),
                "could not be shown": text(run["rejected_word_count"]),
                "explicit": text(run["explicit_word_count"]),
                "subtracted": run["baseline_text"] or "average over the words",
            }
        )
        elements.words(run["first_words"], run["word_count"] - len(run["first_words"]))


def _layers() -> None:
    layers = questions.answer("overview/layers").rows
    measured = "" if layers.is_empty() else number_of(int(layers["unit_count"].sum()), "unit")
    with elements.section("Layers measured", measured, sql=questions.written("overview/layers"), rows=layers):
        if layers.is_empty():
            notices.note("Layers appear here when a words run is complete.")
            return
        tables.table(
            layers.with_columns(pl.format("{} × {}", "map_height", "map_width").alias("map")),
            [
                Column("layer_name", "layer", "address"),
                Column("layer_kind", "kind", "quiet"),
                Column("map", "map", "number"),
                Column("unit_count", "units", "number"),
            ],
            label="Layers measured",
            comments=warehouse_file.comments("measured_layers"),
            most_px=_LAYERS_PX,
        )


def _tables() -> None:
    rows = questions.answer("overview/tables").rows
    with elements.section("Tables", sql=questions.written("overview/tables"), rows=rows):
        tables.table(
            rows,
            [
                Column("relation_name", "name", "code"),
                Column("row_count", "rows", "number"),
                Column("description", "holds", "line"),
            ],
            label="Tables",
            comments=warehouse_file.comments("relation_details"),
        )


def _views() -> None:
    rows = questions.answer("overview/views").rows
    with elements.section(
        "Views and macros", "for clip-warehouse query", sql=questions.written("overview/views"), rows=rows
    ):
        tables.table(
            rows,
            [Column("relation_name", "name", "code"), Column("description", "answers", "line")],
            label="Views and macros",
            comments=warehouse_file.comments("relation_details"),
        )


size = numbers.file_size(warehouse_file.path().stat().st_size) if warehouse_file.path().is_file() else ""
elements.page_head("Overview", "What this file holds, and how it was measured.", size)
runs = questions.answer("overview/runs").rows
if runs.is_empty():
    notices.empty(
        "Nothing has been measured yet", "An ingest fills this file, and this page with it.", notices.FIRST_RUNS
    )
else:
    _models()
    _runs(runs)
    _claims()
    left, right = st.columns(2, gap="medium")
    with left:
        words, layers = st.columns(2, gap="medium")
        with words:
            _words()
        with layers:
            _layers()
        _tables()
    with right:
        _views()
