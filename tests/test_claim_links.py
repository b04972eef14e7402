"""Every claim that is shipped leads to the page of what it is about, with parameters that the page knows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.markup.claim_links import _STATISTICS, claim_address
from helpers.opening import open_page
from warehouse.schema import SQL

with (SQL / "findings" / "findings.csv").open(encoding="utf-8", newline="") as _file:
    CLAIMS = {row["finding_name"]: row for row in csv.DictReader(_file)}


def led(claim: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The page of a claim, and its query."""
    target = urlsplit(claim_address(claim))
    return target.path, {name: values[0] for name, values in parse_qs(target.query).items()}


@pytest.mark.parametrize(
    ("name", "page", "query"),
    [
        ("published_share_4_2_6_11", "unit", {"unit": "4/2/6/11"}),
        ("cap_4_1_5_2_inhibited", "unit", {"unit": "4/1/5/2", "from": "4/1/3", "from_by": "inhibitory"}),
        ("weights_4_0_5_16_largest_magnitudes", "unit", {"unit": "4/0/5/16", "from": "4/0/3", "from_by": "magnitude"}),
        ("dead_channels_4_1", "learning", {"bottleneck": "4/1", "definition": "published", "images": "features"}),
        ("share_above_4_2_added", "learning", {"bottleneck": "4/2", "definition": "added", "images": "features"}),
        ("word_ice_cream_4_2_6", "words", {"word": "ice cream", "layer": "4/2/6"}),
        ("you_word", "words", {"unit": "4/1/6/34", "layer": "4/1/6"}),
        ("bimodality_falls_with_depth", "versatility", {"measure": "Sarle’s coefficient, median"}),
    ],
)
def test_a_claim_opens_what_it_is_about(name: str, page: str, query: dict[str, str]) -> None:
    assert led(CLAIMS[name]) == (page, query)


def test_a_claim_that_no_page_shows_opens_its_query() -> None:
    page, query = led(CLAIMS["magnitude_and_mean_correspond"])
    assert page == "sql"
    assert query["sql"] == (SQL / "examples" / "magnitude_and_mean.sql").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_of_the_list_names_its_unit_word_or_layer(name: str) -> None:
    claim = CLAIMS[name]
    _, query = led(claim)
    if claim["unit_name"] and claim["measure"] != "rank of a unit":
        assert query["unit"] == claim["unit_name"]
    elif claim["stimulus_text"]:
        assert query["word"] == claim["stimulus_text"]
    elif claim["layer_name"]:
        assert query["bottleneck"] == claim["layer_name"].rpartition("/")[0]


@pytest.mark.parametrize("statistic", sorted(set(_STATISTICS.values())))
def test_each_statistic_is_one_that_the_page_offers(
    small_weights: Path, monkeypatch: pytest.MonkeyPatch, statistic: str
) -> None:
    page = open_page(monkeypatch, small_weights, "versatility", measure=statistic)
    assert page.selectbox(key="measure").value == statistic
