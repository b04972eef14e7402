"""The claims on the model at hand, printed: those that are about it, then those on RN50 that it is compared with."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import warehouse
from ingest.article.claimed import ARTICLE_MODEL
from ingest.network.model import ClipModel
from ingest.runs.earlier import question
from warehouse.text_table import text_table
from warehouse.wording import number_of

_SHOWN = ("finding_name", "published", "ours", "verdict", "reason")


def tell_claims(path: Path, model: ClipModel | None, name: str | None) -> None:
    """Print the claims. model: None where its weights could not be had; name: what is published of it says RN50."""
    weights = model.weights_sha256 if model else ""
    claims = warehouse.query(
        question("claims_told"), warehouse=path, weights_sha256=weights, claimed_of=name or ARTICLE_MODEL
    )
    if model is None:
        _tell_files(claims, name or ARTICLE_MODEL)
        return
    own, others = claims.filter(pl.col("claimed_of") == name), claims.filter(pl.col("model_id").is_not_null())
    if name:
        told = number_of(len(own), "claim is", "claims are")
        _print(f"{told} about OpenAI's {name}, and {model.label} is taken for it", own)
    else:
        print(
            f"\n{model.label} is not one of OpenAI's models, which the claims are about: it neither agrees nor differs."
        )
    others = others.filter(pl.col("claimed_of").ne_missing(name))
    for claimed_of, rows in others.group_by("claimed_of", maintain_order=True):
        told = number_of(len(rows), "claim is", "claims are")
        _print(f"{told} about OpenAI's {claimed_of[0]}; {model.label} compares", rows)


def _tell_files(claims: pl.DataFrame, name: str) -> None:
    """What can be said without weights."""
    on_files = claims.filter("is_on_a_file")
    _print(f"What is published of OpenAI's {name}, counted again", on_files)
    print(f"\n{len(claims) - len(on_files)} more claims on it need its weights.")


def _print(title: str, rows: pl.DataFrame) -> None:
    if len(rows):
        print(f"\n{title}")
        print(text_table(_SHOWN, rows.select(_SHOWN).rows()))
