"""Picture: from a picture to a word. Which concepts fit, along which branch they came, and which units said them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from dashboards import live
from dashboards.markup import chips, kernels, pictures
from dashboards.markup.branch_bars import LEGEND, Split, branch_bars
from dashboards.markup.circuit_svg import PLAIN, THEMED
from dashboards.markup.links import address
from dashboards.markup.numbers import text as number
from dashboards.markup.picture_graph import picture_graph, svg
from dashboards.reads import explained, models, naming, units
from dashboards.widgets import canvas, elements, notices
from warehouse.errors import InputError
from warehouse.wording import number_of

_SHOWN_CONCEPTS, _SAID_CONCEPTS = 7, 4
_PICTURE_PX, _FACE_PX = 152, 96
_SPEAKERS = 10
_KEPT = ("picture", "text", "against")
_GRAPH_LEGEND = """<p class="cw-legend"><i class="cw-excites"></i>adds<i class="cw-inhibits"></i>takes away
<i class="cw-identity"></i>the same unit's shortcut<span class="cw-quiet">width: size of the part; gates and attention
are this picture's own, so each row with its others and its constant adds up to the answer exactly</span></p>"""
_LIVE = "Computed by the model now: the graph of this text or picture is not stored."


@dataclass(frozen=True)
class Asked:
    """What the reader has chosen. picture: a stored one; content: the bytes of a dropped one; against: may be empty."""

    run: int
    picture: dict[str, object]
    content: bytes | None
    text: str
    against: str

    @property
    def target(self) -> str:
        return f"{self.text} and not {self.against}" if self.against else self.text

    @property
    def label(self) -> str:
        """What sentences call the picture."""
        return _label(self.picture) if self.content is None else "a dropped picture"


@dataclass(frozen=True)
class Shown:
    """What the page draws, from the warehouse or from the model, and the SQL that gave it or says what was run."""

    thumbnail: bytes | None
    concepts: pl.DataFrame
    nodes: pl.DataFrame
    edges: pl.DataFrame
    cuts: pl.DataFrame
    concepts_sql: str
    graph_sql: str


def _label(picture: dict[str, object]) -> str:
    return f"{picture['caption'] or 'picture'} · {picture['stimulus_id']}"


def _controls(run: int) -> Asked:
    known = {_label(picture): picture for picture in explained.pictures(run).iter_rows(named=True)}
    first, target = _first(known)
    parts = st.columns([3, 3, 3, 4], gap="small", vertical_alignment="bottom")
    with parts[0]:
        labels = list(known)
        chosen = st.selectbox("Picture", labels, index=labels.index(first), key="picture", bind="query-params")
    picture = known[chosen]
    with parts[3]:
        dropped = st.file_uploader("Or drop a picture", key="dropped")
    content = dropped.getvalue() if dropped else None
    with parts[1]:
        usual = target if chosen == first else str(picture["caption"] or target)
        if content is not None:
            usual = live.best_concept(run, content)
        text = st.text_input("Text", key="text", bind="query-params", placeholder=usual) or usual
    with parts[2]:
        against = st.text_input("and not", key="against", bind="query-params", placeholder="another text") or ""
    return Asked(run, picture, content, text.strip(), against.strip())


def _first(known: dict[str, dict[str, object]]) -> tuple[str, str]:
    """A picture and a text to begin with: those of a stored graph, so that opening the page runs no model."""
    stored = explained.stored_graph(models.runs("explain"), None, None)
    if stored is not None:
        graph = explained.graph_of(stored)
        for label, picture in known.items():
            if picture["stimulus_id"] == graph["stimulus_id"]:
                return label, str(graph["target"])
    label = next(iter(known))
    return label, str(known[label]["caption"] or "a picture")


def _shown(asked: Asked) -> Shown:
    """From the warehouse where the graph is stored, else through the model."""
    picture = int(str(asked.picture["stimulus_id"]))
    run = explained.stored_graph(models.runs("explain"), picture, asked.target) if asked.content is None else None
    texts = [text for text in (asked.text, asked.against) if text]
    stored = explained.concepts(asked.run, picture, _SHOWN_CONCEPTS, texts)
    if run is not None:
        nodes, edges, cuts = explained.graph(run)
        return Shown(
            explained.thumbnail(picture), stored.rows, nodes.rows, edges.rows, cuts.rows, stored.sql, nodes.sql
        )
    content = asked.content or live.content_of(str(asked.picture["source_uri"]))
    around = tuple(stored.rows["concept"]) if asked.content is None else ()
    nearest = 0 if asked.content is None else _SHOWN_CONCEPTS
    with st.spinner("Showing it to the model"):
        graph = live.explanation(asked.run, content, asked.text, asked.against, around, nearest)
    concepts = graph.concepts.sort("cosine", descending=True)
    return Shown(graph.thumbnail, concepts, graph.nodes, graph.edges, graph.cuts, f"-- {_LIVE}", f"-- {_LIVE}")


def _concepts(shown: Shown, asked: Asked) -> None:
    rows = [
        Split(
            f"<strong>{escape(row['concept'])}</strong>"
            if row["concept"] in (asked.text, asked.against)
            else escape(row["concept"]),
            row["cosine"],
            (row["shortcut_contribution"], row["residual_contribution"], row["rest_contribution"]),
        )
        for row in shown.concepts.iter_rows(named=True)
    ]
    with elements.section("Concepts", "cosine, split by branch", sql=shown.concepts_sql, rows=shown.concepts):
        elements.markup(LEGEND + branch_bars(rows, "concepts of the picture by cosine"))


def _speakers(shown: Shown, asked: Asked, faces: dict[str, str]) -> None:
    top = shown.cuts.sort("layer_order")["layer_name"][-1]
    own = (
        shown.nodes.filter(pl.col("layer_name") == top)
        .sort(pl.col("attribution").abs(), descending=True)
        .head(_SPEAKERS)
    )
    says = explained.says(asked.run, own["unit_name"].to_list(), _SAID_CONCEPTS)
    called = naming.names(own["unit_name"])
    rows = [
        Split(
            chips.unit(row["unit_name"], faces.get(row["unit_name"]), called=called.get(row["unit_name"])),
            row["attribution"],
            (row["shortcut_attribution"], row["residual_attribution"], 0.0),
            says.get(row["unit_name"], ""),
        )
        for row in own.iter_rows(named=True)
    ]
    cut = shown.cuts.filter(pl.col("layer_name") == top).row(0, named=True)
    note = f"of {cut['unit_count']:,}; on the right what each says on any picture"
    with elements.section(f"Who says {asked.target}", note, sql=shown.graph_sql, rows=own.drop("attribution_map")):
        elements.markup(branch_bars(rows, "units by what they add"))
        left = cut["target_value"] - cut["constant_attribution"] - own["attribution"].sum()
        others = number_of(cut["unit_count"] - own.height, "other adds", "others add")
        elements.markup(
            f'<p class="cw-quiet">{others} {number(left)}, position and constant '
            f"{number(cut['constant_attribution'])}.</p>"
        )


def _where(shown: Shown, asked: Asked) -> None:
    """The picture, and over it a map of where the clicked unit adds and takes away."""
    source = pictures.data_uri(shown.thumbnail, _PICTURE_PX)
    seen = pictures.picture(source, asked.label, _PICTURE_PX)
    chosen = shown.nodes.filter(pl.col("unit_name") == st.query_params.get("node", ""))
    if chosen.is_empty():
        elements.markup(
            f'{_blurred(seen, asked)}<p class="cw-quiet">Press a unit of the graph to see where it looks.</p>'
        )
        return
    node = chosen.row(0, named=True)
    height, width = node["map_height"], node["map_width"]
    heat = kernels.heat_map(node["attribution_map"], height, width, _PICTURE_PX, f"{node['unit_name']} on the picture")
    elements.markup(
        _blurred(f'<span class="cw-where">{seen}{heat}</span>', asked)
        + f"<p>{chips.unit(node['unit_name'])} adds {number(node['attribution'])} here: green adds, red takes away.</p>"
    )


def _blurred(markup: str, asked: Asked) -> str:
    is_explicit = asked.content is None and bool(asked.picture["is_explicit"])
    return pictures.explicit(markup) if is_explicit else markup


def _node_address(unit_name: str) -> str:
    return address("picture", keep=_KEPT, node=unit_name)


def _graph(shown: Shown, asked: Asked, faces: dict[str, str]) -> None:
    cut = shown.cuts.sort("layer_order").row(-1, named=True)
    called = naming.names(shown.nodes.filter(pl.col("is_shown"))["unit_name"])
    drawn = picture_graph(asked.target, cut["target_value"], shown.nodes, shown.edges, shown.cuts, called)
    hidden = f", {number_of(drawn.hidden, 'thinner edge')} not drawn" if drawn.hidden else ""
    note = f"{number_of(len(shown.nodes.filter('is_shown')), 'unit')}, {number_of(len(drawn.edges), 'edge')}{hidden}"
    title = f"What adds to {asked.target} on {asked.label}, {models.chosen_label()}"
    with elements.section("Graph", note, sql=shown.graph_sql, rows=shown.edges):
        elements.markup(_GRAPH_LEGEND)
        which = asked.picture["stimulus_id"] if asked.content is None else "dropped"
        name = f"picture-{which}-{'-'.join(asked.target.split())}"
        themed, alone = svg(drawn, faces, THEMED, title, _node_address), svg(drawn, faces, PLAIN, title)
        canvas.drawing(themed, alone, name, round(drawn.height) + 8)


def _page(run: int) -> None:
    try:
        asked = _controls(run)
        elements.tab(asked.target, "Picture")
        shown = _shown(asked)
    except InputError as error:
        notices.refused(str(error))
        return
    names = shown.nodes["unit_name"].unique().sort().to_list()
    ids = units.unit_ids(names)
    by_id = units.faces(ids.values(), _FACE_PX)
    faces = {name: by_id[unit_id] for name, unit_id in ids.items() if unit_id in by_id}
    left, middle, right = st.columns([2.2, 5, 6.6], gap="medium")
    with left:
        _where(shown, asked)
    with middle:
        _concepts(shown, asked)
    with right:
        _speakers(shown, asked, faces)
    _graph(shown, asked, faces)


elements.page_head("Picture", "From a picture to a word: who says it, and along which branch it came.")
runs = models.runs("logits")
if not runs:
    notices.missing("No cosines have been split yet", "ingest logits")
else:
    _page(runs[-1])
