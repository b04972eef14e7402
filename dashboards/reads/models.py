"""Which model the pages show, and from which runs. The box that chooses it is bound to `?model=`."""

from __future__ import annotations

import re
from collections import Counter
from shlex import quote
from typing import Any

import polars as pl
import streamlit as st

from dashboards.reads import questions, warehouse_file

KEY = "model"
_BUNDLED = "bundled"
_RANDOM = re.compile(r"random-(\d+)")
_ONE_PART = ("contributions", "weights", "logits")


def labels() -> dict[str, int]:
    """Label of each model in the file -> its model_id: the name, with its weights or its number where names repeat."""
    known = questions.answer("every_page/models").rows
    names = Counter(known["model_name"])
    pairs = Counter(zip(known["model_name"], known["pretrained_tag"], strict=True))
    return {_label(row, names, pairs): row["model_id"] for row in known.iter_rows(named=True)}


def chosen() -> int | None:
    """The model_id of the chosen model, else of the first; None in a file without models."""
    known = labels()
    asked = str(st.session_state.get(KEY))
    return known[asked] if asked in known else next(iter(known.values()), None)


def chosen_label() -> str:
    """The chosen model's label; empty in a file without models."""
    model_id = chosen()
    return next((label for label, known in labels().items() if known == model_id), "")


def options() -> str:
    """The options that make a command use the chosen model; none for the bundled one, which is the default."""
    known = questions.answer("every_page/models").rows.filter(pl.col("model_id") == chosen())
    if known.is_empty() or known["pretrained_tag"][0] == _BUNDLED:
        return ""
    name, tag = known["model_name"][0], known["pretrained_tag"][0]
    random = _RANDOM.fullmatch(tag)
    weights = f"random --seed {random[1]}" if random else quote(tag)
    return f" --model {quote(name)} --pretrained {weights}"


def command(verb: str) -> str:
    """The command of a verb for this file and the chosen model, ready to paste into a shell in any folder."""
    return warehouse_file.command(f"{verb}{options()}")


def runs(job_name: str, part_name: str = "", *, model_id: int | None = None) -> list[int]:
    """The newest complete run of each part of a job, oldest first; empty when it was never run.

    model_id: another model than the chosen one.

    Weights, their statistics and logits come from one part alone: gated weights are other numbers for the same pairs,
    and attacked pictures are other pictures.
    """
    model_id = chosen() if model_id is None else model_id
    if model_id is None:
        return []
    known = questions.answer("every_page/model_runs", model_id=model_id).rows
    is_shown = (pl.col("job_name") == job_name) & (
        (pl.col("part_name") == part_name) | ~pl.col("job_name").is_in(_ONE_PART)
    )
    return known.filter(is_shown)["run_id"].to_list()


def _label(row: dict[str, object], names: Counter[Any], pairs: Counter[Any]) -> str:
    name, tag = row["model_name"], row["pretrained_tag"]
    if names[name] == 1:
        return f"{name}"
    return f"{name} · {tag}" + (f" · {row['model_id']}" if pairs[name, tag] > 1 else "")
