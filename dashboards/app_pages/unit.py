"""Unit: what it is, where it comes from, what it feeds."""

from __future__ import annotations

import random
from html import escape

import polars as pl
import streamlit as st

from dashboards.markup import chips, naming
from dashboards.markup.links import address
from dashboards.reads import models, units
from dashboards.reads import naming as named
from dashboards.reads.first_unit import first_unit
from dashboards.reads.units import Unit
from dashboards.sections import unit_connections, unit_elsewhere, unit_evidence
from dashboards.widgets import elements, notices, truths
from warehouse.addresses import tidy

_SEARCH_PX = 130
_RELU = "relu"
_KEPT = (
    "weights",
    "from",
    "from_by",
    "to",
    "to_by",
    "through",
    "through_by",
)  # boxes that fit the next unit of the layer too


def _random_unit() -> str:
    """Any unit of any block's output."""
    outputs = units.layers().filter(pl.col("layer_kind") == _RELU)
    row = outputs.row(random.randrange(outputs.height), named=True)
    return f"{row['layer_name']}/{random.randrange(row['channel_count'])}"


def _search() -> None:
    st.query_params["unit"] = tidy(st.session_state[f"search {asked}"])


def _step(unit: Unit, by: int) -> str:
    return f"{unit.layer_name}/{(unit.channel_index + by) % unit.channel_count}"


def _links(unit: Unit) -> str:
    """Previous, next, random, the circuit and Microscope's page."""
    links = [
        chips.link(address("unit", keep=_KEPT, unit=_step(unit, -1)), "‹", "cw-button", named="previous unit"),
        chips.link(address("unit", keep=_KEPT, unit=_step(unit, 1)), "›", "cw-button", named="next unit"),
        chips.link(address("unit", unit=_random_unit()), "random", "cw-button"),
        chips.link(address("circuit", unit=unit.unit_name), "circuit", "cw-button"),
    ]
    if unit.microscope_url:
        links.append(f'<a class="cw-button" target="_blank" href="{escape(unit.microscope_url)}">Microscope ↗</a>')
    return f'<nav class="cw-links" aria-label="other units">{"".join(links)}</nav>'


def _head(unit: Unit | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="unit_head"):
        shown = escape(unit.unit_name if unit else asked)
        said = escape(unit_evidence.described(unit)) if unit else "no such unit"
        called = naming.beside(named.names([unit.unit_name]).get(unit.unit_name)) if unit else ""
        elements.markup(
            f'<header class="cw-head cw-unit-head"><h1 class="cw-chip cw-large">{shown}</h1>{called}<p>{said}</p>'
            "</header>"
        )
        st.text_input(
            "Unit address", asked, key=f"search {asked}", on_change=_search, label_visibility="collapsed",
            width=_SEARCH_PX, placeholder="4/2/6/34",
        )  # fmt: skip
        if unit:
            truths.choice(is_named=False)
            elements.markup(_links(unit), is_narrow=True)


def _unknown() -> None:
    """Which addresses there are, near the one that was asked for."""
    layer_name = asked.rpartition("/")[0]
    layers = units.layers()
    near = layers.filter(pl.col("layer_name") == layer_name)
    if near.height:
        reason = f"Layer {layer_name} of {models.chosen_label()} has channels 0 to {near['channel_count'][0] - 1:,}."
    else:
        first, last = layers["layer_name"][0], layers["layer_name"][-1]
        reason = (
            f"{models.chosen_label()} has layers {first} to {last}; write block/bottleneck/index/channel, "
            f"for example {first_unit()}."
        )
    notices.empty(f"There is no unit {asked}", reason)
    elements.markup(f"<p>{chips.unit(first_unit())}</p>")


def _body(unit: Unit) -> None:
    left, middle, right = st.columns([17, 43, 36], gap="medium")
    with left:
        unit_evidence.feature(unit)
    with middle:
        unit_evidence.top_pictures(unit)
        unit_evidence.activations(unit)
    with right:
        unit_evidence.names(unit)
        unit_evidence.words(unit)
        unit_evidence.says(unit)
    left, middle, right = st.columns([30, 34, 34], gap="medium")
    with left:
        unit_evidence.makers(unit)
    with middle:
        unit_connections.fed_by(unit)
    with right:
        unit_connections.feeds(unit)
    unit_connections.contribution_histograms(unit)
    left, right = st.columns(2, gap="medium")
    with left:
        unit_evidence.quantiles(unit)
    with right:
        unit_evidence.neighbours(unit)
    unit_elsewhere.same_elsewhere(unit)


if models.chosen() is None:
    elements.page_head("Unit", "What a unit is, where it comes from, what it feeds.")
    notices.empty("Nothing has been measured yet", "An ingest fills this page.", notices.FIRST_RUNS)
else:
    asked = tidy(st.query_params.get("unit") or first_unit())
    found = units.unit(asked)
    elements.tab(asked, "Unit")
    _head(found)
    if found:
        _body(found)
    else:
        _unknown()
