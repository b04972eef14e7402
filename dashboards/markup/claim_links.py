"""Where a claim of the article leads: the page of the unit, word, bottleneck or layer that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboards.markup.links import address
from warehouse.schema import SQL

Claim = Mapping[str, Any]  # a row of the view claims
_ORDERS = {
    "contributors by largest mean": "excitatory",
    "contributors by smallest mean": "inhibitory",
    "contributors by largest magnitude": "magnitude",
}
_STATISTICS = {
    "bimodality against depth": "Sarle’s coefficient, median",
    "notch against depth": "density at zero over the higher flank, median",
    "jump at the last convolution": "share bimodal by the dip test",
    "forward sign balance": "imbalance of signs",
}


def claim_address(claim: Claim) -> str:
    """The page that shows what a claim is about, with its boxes set; else the SQL page with the claim's example."""
    measure = claim["measure"]
    if measure in _ORDERS:
        return address("unit", unit=claim["unit_name"], **{"from": claim["layer_name"], "from_by": _ORDERS[measure]})
    if measure in _STATISTICS:
        return address("versatility", measure=_STATISTICS[measure])
    return _PAGES.get(measure, _example)(claim)


def _unit(claim: Claim) -> str:
    return address("unit", unit=claim["unit_name"])


def _bottleneck(claim: Claim) -> str:
    chosen = {
        "bottleneck": claim["layer_name"].rpartition("/")[0],
        "definition": claim["share_definition"] or "published",
        "images": claim["image_source"] or "features",
    }
    return address("learning", **chosen)


def _word(claim: Claim) -> str:
    return address("words", word=claim["stimulus_text"], layer=claim["layer_name"])


def _unit_words(claim: Claim) -> str:
    return address("words", unit=claim["unit_name"], layer=claim["unit_name"].rpartition("/")[0])


def _example(claim: Claim) -> str:
    return address("sql", sql=(SQL / "examples" / f"{claim['example_name']}.sql").read_text(encoding="utf-8").strip())


_PAGES: Mapping[str, Callable[[Claim], str]] = {
    "published shares above 0.9": _bottleneck,
    "published dead units": _bottleneck,
    "shares above 0.9": _bottleneck,
    "dead units": _bottleneck,
    "published share of a unit": _unit,
    "share of a unit": _unit,
    "words among the first": _unit_words,
    "words that a unit answers to": _unit_words,
    "units among the first": _word,
    "rank of a unit": _word,
}
