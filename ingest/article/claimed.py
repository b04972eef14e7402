"""What is published about a model: the texts that it must be shown, and the units that claims are about.

Source: sql/findings/ and sql/published/. The view published_models recognises the models of a file by the same rule.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable

from ingest.network.openai_weights import is_openais
from warehouse.schema import SQL

ARTICLE_MODEL = "RN50"
_LONG_LIST = 3  # words of a unit; more are listed for those that the publication is about


def published_name(model_name: str, pretrained_tag: str) -> str | None:
    """RN50, RN101 or RN50x4 if the weights are OpenAI's, as far as a name can tell; None for any other model."""
    name = model_name.removesuffix("-quickgelu")
    known = {row["model_name"] for row in _rows("findings/findings")}
    return name if name in known and is_openais(model_name, pretrained_tag) else None


def claimed_texts(name: str | None, *, with_short_lists: bool) -> list[str]:
    """Texts that the claims about a model need; the article's for a model without publications."""
    findings = [row for row in _rows("findings/findings") if row["model_name"] == (name or ARTICLE_MODEL)]
    own = {row["finding_name"] for row in findings}
    rankings = [row for row in _rows("findings/published_rankings") if row["finding_name"] in own]
    ranked = [row["item_name"] for row in rankings if "/" not in row["item_name"]]
    words = [row["word"] for row in _listed_words(name, with_short_lists)]
    return _once([*(row["stimulus_text"] for row in findings), *ranked, *words])


def listed_units(name: str | None) -> list[str]:
    """Units of the last layer for which twenty words are published."""
    return _once(row["unit_name"] for row in _listed_words(name, False))


def _listed_words(name: str | None, with_short_lists: bool) -> list[dict[str, str]]:
    rows = [row for row in _rows("published/published_unit_words") if row["model_name"] == name]
    counts = Counter(row["unit_name"] for row in rows)
    return [row for row in rows if with_short_lists or counts[row["unit_name"]] > _LONG_LIST]


def _once(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _rows(name: str) -> list[dict[str, str]]:
    with (SQL / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
