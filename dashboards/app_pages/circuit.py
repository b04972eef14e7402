"""Circuit: what a unit adds and what feeds it, drawn downwards from the data."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards.markup import chips
from dashboards.markup.circuit_layout import NAMED, place
from dashboards.markup.circuit_svg import PLAIN, THEMED, svg
from dashboards.markup.links import address
from dashboards.reads import circuits, models, naming, quantities, questions, units
from dashboards.reads.first_unit import first_unit
from dashboards.widgets import canvas, elements, notices, truths
from warehouse.addresses import tidy
from warehouse.wording import number_of

_SEARCH_PX = 130
_MOST_DEPTH, _MOST_FAN_IN = 6, 8
_DEPTH, _FAN_IN = 3, 4
_LEGEND = """<p class="cw-legend"><i class="cw-identity"></i>identity: added as it is
<i class="cw-excites"></i>excitatory<i class="cw-inhibits"></i>inhibitory
<span class="cw-quiet">width: {}, relative to the strongest edge</span></p>"""
_WIDTHS = {
    quantities.LINEAR: "mean expanded weight",
    quantities.GATED: "mean gated expanded weight",
    quantities.EFFECT: "mean effect on pictures",
}


def _search() -> None:
    st.query_params["unit"] = tidy(st.session_state[f"circuit of {asked}"])


def _head() -> tuple[int, int]:
    """The first line with its boxes; returns depth and fan-in."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="circuit_head"):
        chip = chips.link(address("unit", unit=asked), asked, "cw-chip cw-large")
        elements.markup(
            f'<header class="cw-head cw-unit-head"><h1>{chip}</h1><p>Circuit: what it adds, what feeds it.</p></header>'
        )
        st.text_input(
            "Unit", asked, key=f"circuit of {asked}", on_change=_search, width=_SEARCH_PX, placeholder="4/2/6/34"
        )
        depth = st.number_input(
            "Depth",
            1,
            _MOST_DEPTH,
            _DEPTH,
            key="depth",
            bind="query-params",
            width=110,
            help="Edges from top to bottom.",
        )
        fan_in = st.number_input(
            "Fan-in", 1, _MOST_FAN_IN, _FAN_IN, key="fan_in", bind="query-params", width=110,
            help="How many units are drawn below a convolution's unit: the strongest, half of them excitatory.",
        )  # fmt: skip
        truths.choice()
        if models.runs("names"):
            st.toggle(
                "Group names",
                key="groups",
                bind="query-params",
                help="Units of the same layer, sign and name under one parent are drawn as one; their means add up.",
            )
    return depth, fan_in


def _address(unit_name: str) -> str:
    """Where a node leads: the circuit below it, drawn the same way."""
    return address("circuit", keep=("depth", "fan_in", "weights", "groups"), unit=unit_name)


def _draw(depth: int, fan_in: int) -> None:
    root, asked_for = circuits.circuit(asked, depth, fan_in)
    called = naming.names(circuits.units_of(root))
    edges = circuits.weights(root, called)
    order = dict(units.layers().select("layer_name", "layer_order").iter_rows())
    drawn = circuits.grouped(root, called) if st.session_state.get("groups") else root
    layout = place(drawn, order, NAMED if called else None)
    names = sorted({node.branch.unit_name for node in layout.nodes})
    ids = units.unit_ids(names)
    by_id = units.faces(ids.values())
    faces = {name: by_id[unit_id] for name, unit_id in ids.items() if unit_id in by_id}
    title = f"Circuit of {asked} in {models.chosen_label()}"
    sql = ";\n\n".join(asked_for) or questions.written("unit/unit")
    with elements.section("Circuit", number_of(edges.height, "connection"), sql=sql, rows=edges):
        elements.markup(_LEGEND.format(_WIDTHS[quantities.chosen()]))
        shown = svg(layout, faces, THEMED, title, _address, called)
        alone = svg(layout, faces, PLAIN, title, called=called)
        name = f"circuit-{asked.replace('/', '-')}"
        canvas.drawing(shown, alone, name, round(layout.height) + 8)
    for lower, upper in _pairs(edges):
        truths.mark(lower, upper)
    if not any(kind == "weight" for kind in edges["kind"]):
        notices.missing("No weights into these units yet", f"ingest weights --upper {asked.rpartition('/')[0]}")
    elements.markup(f"<p>{chips.link(address('unit', unit=asked), f'Everything known about {asked}')}</p>")


def _pairs(edges: pl.DataFrame) -> list[tuple[str, str]]:
    """The pairs of layers that the drawn weights connect, the upper ones first."""
    weighted = edges.filter(pl.col("kind") == "weight")
    layers = (pl.col(name).str.replace(r"/\d+$", "") for name in ("lower_unit", "upper_unit"))
    return weighted.select(layers).unique(maintain_order=True).rows()


if models.chosen() is None:
    elements.page_head("Circuit", "What a unit adds, and what feeds it.")
    notices.empty("Nothing has been measured yet", "An ingest fills this page.", notices.FIRST_RUNS)
else:
    asked = tidy(st.query_params.get("unit") or first_unit())
    elements.tab(asked, "Circuit")
    depth, fan_in = _head()
    if units.unit(asked) is None:
        notices.empty(f"There is no unit {asked}", f"Write block/bottleneck/index/channel, for example {first_unit()}.")
    else:
        _draw(depth, fan_in)
