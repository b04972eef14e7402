"""A picture's graph as SVG: the answer on top, then a row per bottleneck's output; what is not shown ends each row.

Green adds, red and dashed takes away, grey came along an identity; width by size. Values are escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import polars as pl

from dashboards.markup.circuit_svg import Palette, framed, words
from dashboards.markup.naming import Named
from dashboards.markup.numbers import text
from warehouse.wording import number_of

_LABEL_PX, _COLUMN_PX, _REST_PX = 64, 86, 150
_ROW_PX, _TOP_PX, _TITLE_PX = 128, 46, 26
_NAME_PX, _NAME_LETTERS, _NAME_ROW_PX = 10.0, 10, 13
_PICTURE_PX, _CHIP_PX, _MONO_PX = 46, 17, 6.75
_THICK_PX, _THIN_PX = 9.0, 0.8
_LEAST_SHARE = 0.02  # of the strongest edge: weaker edges are counted, not drawn


@dataclass(frozen=True)
class Edge:
    """The part of an upper unit's attribution that comes from a lower unit; upper None: of the target's value."""

    lower: str
    upper: str | None
    attribution: float
    is_identity: bool


@dataclass(frozen=True)
class Row:
    """A cut: its shown units with their attributions, and what is left."""

    layer_name: str
    units: tuple[tuple[str, float], ...]
    others_count: int
    others: float
    constant: float


@dataclass(frozen=True)
class PictureGraph:
    """What is drawn, the uppermost row first. hidden: how many edges are too thin; called: unit name -> its name."""

    target: str
    value: float
    rows: tuple[Row, ...]
    edges: tuple[Edge, ...]
    hidden: int
    called: Mapping[str, Named] = field(default_factory=dict)

    @property
    def name_px(self) -> int:
        """Height that names take in each row."""
        return _NAME_ROW_PX if self.called else 0

    @property
    def width(self) -> float:
        return _LABEL_PX + _COLUMN_PX * max((len(row.units) for row in self.rows), default=1) + _REST_PX

    @property
    def height(self) -> float:
        return _TOP_PX + (_ROW_PX + self.name_px) * len(self.rows) + 8


def picture_graph(
    target: str,
    value: float,
    nodes: pl.DataFrame,
    edges: pl.DataFrame,
    cuts: pl.DataFrame,
    called: Mapping[str, Named] | None = None,
) -> PictureGraph:
    """From rows of picture_graph_nodes (outputs), picture_graph_edges and picture_graph_cuts of one run.

    called: names of units, those that are drawn and others.
    """
    shown = nodes.filter(pl.col("is_shown") & (pl.col("node_kind") == "output"))
    between = [
        Edge(row["lower_unit"], row["upper_unit"], row["attribution"], _is_identity(row))
        for row in edges.filter(pl.col("edge_kind") == "unit").iter_rows(named=True)
    ]
    rows: list[Row] = []
    for cut in cuts.sort("layer_order", descending=True).iter_rows(named=True):
        own = shown.filter(pl.col("layer_name") == cut["layer_name"])
        units = dict(own.select("unit_name", "attribution").iter_rows())
        ordered = _ordered(units, rows[-1] if rows else None, between)
        others_count = cut["unit_count"] - cut["shown_count"]
        rows.append(
            Row(cut["layer_name"], ordered, others_count, cut["others_attribution"], cut["constant_attribution"])
        )
    top = [Edge(unit, None, attribution, False) for unit, attribution in (rows[0].units if rows else ())]
    everything = [*top, *between]
    least = _LEAST_SHARE * max((abs(edge.attribution) for edge in everything), default=0)
    drawn = tuple(edge for edge in everything if abs(edge.attribution) > least)
    named = {unit: (called or {})[unit] for row in rows for unit, _ in row.units if unit in (called or {})}
    return PictureGraph(target, value, tuple(rows), drawn, len(everything) - len(drawn), named)


def svg(
    graph: PictureGraph,
    faces: Mapping[str, str],
    palette: Palette,
    title: str,
    address_of: Callable[[str], str] | None = None,
) -> str:
    """The drawing. faces: unit name -> data URI; title: above a file's drawing; address_of: where a node leads."""
    places = _places(graph)
    strongest = max((abs(edge.attribution) for edge in graph.edges), default=0) or 1.0
    parts = [_edge(edge, places, graph, strongest, palette) for edge in sorted(graph.edges, key=_size)]
    parts.append(_target(graph, palette))
    parts += [part for index, row in enumerate(graph.rows) for part in _row(row, index, graph, palette)]
    parts += [
        _node(unit, attribution, places[unit], faces.get(unit), graph, palette, address_of)
        for row in graph.rows
        for unit, attribution in row.units
    ]
    is_linked = address_of is not None
    return framed("".join(parts), graph.width, graph.height, palette, title, _TITLE_PX, is_linked=is_linked)


def _is_identity(row: Mapping[str, object]) -> bool:
    """Whether an edge joins a unit to its own shortcut, and more comes along it than through the convolutions."""
    lower, upper = str(row["lower_unit"]), str(row["upper_unit"])
    if lower.rpartition("/")[2] != upper.rpartition("/")[2] or "/6/" not in upper:
        return False
    along, through = float(str(row["shortcut_attribution"])), float(str(row["residual_attribution"]))
    return abs(along) > abs(through)


def _ordered(units: Mapping[str, float], above: Row | None, edges: Sequence[Edge]) -> tuple[tuple[str, float], ...]:
    """A row's units from left to right: below the units that they feed; the uppermost row by attribution."""
    if above is None:
        return tuple(sorted(units.items(), key=lambda unit: -unit[1]))
    columns = {unit: column for column, (unit, _) in enumerate(above.units)}

    def middle(unit: str) -> float:
        into = [
            (abs(edge.attribution), columns[edge.upper])
            for edge in edges
            if edge.lower == unit and edge.upper in columns
        ]
        weight = sum(size for size, _ in into)
        return sum(size * column for size, column in into) / weight if weight else len(columns)

    return tuple(sorted(units.items(), key=lambda unit: (middle(unit[0]), unit[0])))


def _places(graph: PictureGraph) -> dict[str, tuple[float, float]]:
    """Centre of each unit's column and the top of its picture."""
    inner = graph.width - _LABEL_PX - _REST_PX
    return {
        unit: (_LABEL_PX + inner * (column + 0.5) / len(row.units), _row_top(graph, index))
        for index, row in enumerate(graph.rows)
        for column, (unit, _) in enumerate(row.units)
    }


def _row_top(graph: PictureGraph, index: int) -> float:
    return _TOP_PX + (_ROW_PX + graph.name_px) * index + 34


def _size(edge: Edge) -> float:
    return abs(edge.attribution)


def _middle(graph: PictureGraph) -> float:
    return _LABEL_PX + (graph.width - _LABEL_PX - _REST_PX) / 2


def _edge(
    edge: Edge, places: Mapping[str, tuple[float, float]], graph: PictureGraph, strongest: float, palette: Palette
) -> str:
    x, y = places[edge.lower]
    upper_x, upper_y = places[edge.upper] if edge.upper else (_middle(graph), 0)
    end = upper_y + _PICTURE_PX + _CHIP_PX + 16 + graph.name_px if edge.upper else 26
    bend = (y + end) / 2
    width = max(_THIN_PX, _THICK_PX * abs(edge.attribution) / strongest)
    is_positive = edge.attribution > 0
    colour = palette.identity if edge.is_identity else palette.excites if is_positive else palette.inhibits
    dash = "" if is_positive else f' stroke-dasharray="{2 + width:.1f} {1.5 + 0.7 * width:.1f}"'
    kind = "along the shortcut" if edge.is_identity else "adds" if is_positive else "takes away"
    said = f"{edge.lower} to {edge.upper or graph.target}: {kind}, {_signed(edge.attribution)}"
    return (
        f'<path d="M{x:.1f} {y:.1f}C{x:.1f} {bend:.1f} {upper_x:.1f} {bend:.1f} {upper_x:.1f} {end:.1f}" fill="none" '
        f'style="stroke:{colour}" stroke-opacity="0.75" stroke-width="{width:.2f}"{dash}>'
        f"<title>{escape(said)}</title></path>"
    )


def _target(graph: PictureGraph, palette: Palette) -> str:
    said = f"{graph.target} {_signed(graph.value)}"
    width = 7.6 * len(said) + 24
    x = _middle(graph)
    return (
        f'<rect x="{x - width / 2:.1f}" y="2" width="{width:.1f}" height="24" rx="6" style="fill:{palette.chip}"/>'
        f'<text x="{x:.1f}" y="18.5" text-anchor="middle" font-size="13" font-weight="600" '
        f'fill="#fff">{escape(said)}</text>'
    )


def _row(row: Row, index: int, graph: PictureGraph, palette: Palette) -> list[str]:
    y = _row_top(graph, index) + _PICTURE_PX / 2
    x = graph.width - _REST_PX + 12
    lines = [
        words(4, y + 4, row.layer_name, palette.quiet, 12, mono=True),
        words(x, y - 3, f"{number_of(row.others_count, 'other')} {_signed(row.others)}", palette.quiet, 12),
        words(x, y + 15, f"constant {_signed(row.constant)}", palette.quiet, 12),
    ]
    return [f'<line x1="58" x2="{x - 8:.0f}" y1="{y:.1f}" y2="{y:.1f}" style="stroke:{palette.frame}"/>', *lines]


def _node(
    unit: str,
    attribution: float,
    place: tuple[float, float],
    face: str | None,
    graph: PictureGraph,
    palette: Palette,
    address_of: Callable[[str], str] | None,
) -> str:
    x, y = place
    called = graph.called.get(unit)
    left, opaque = x - _PICTURE_PX / 2, palette.page or "var(--cw-page)"
    clip = f"clip-{unit.replace('/', '-')}"
    picture = (
        f'<clipPath id="{clip}"><rect x="{left:.1f}" y="{y:.1f}" width="{_PICTURE_PX}" height="{_PICTURE_PX}" rx="5"/>'
        f'</clipPath><image href="{escape(face)}" x="{left:.1f}" y="{y:.1f}" width="{_PICTURE_PX}" '
        f'height="{_PICTURE_PX}" preserveAspectRatio="xMidYMid slice" clip-path="url(#{clip})"/>'
        if face
        else ""
    )
    wide = _MONO_PX * len(unit) + 10
    colour = palette.excites if attribution > 0 else palette.inhibits
    height = _PICTURE_PX + _CHIP_PX + 18 + graph.name_px
    foot = y + _PICTURE_PX + _CHIP_PX + 13
    name = (
        f"<title>{escape(f'{unit} {called.said}')}</title>"
        + words(x, foot, called.short(_NAME_LETTERS), palette.text, _NAME_PX, anchor="middle")
        if called
        else ""
    )
    drawn = (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 1:.1f}" width="{wide:.1f}" height="{height}" rx="5" '
        f'style="fill:{opaque}"/><rect x="{left:.1f}" y="{y:.1f}" width="{_PICTURE_PX}" height="{_PICTURE_PX}" rx="5" '
        f'style="fill:{palette.frame}"/>{picture}'
        f'<rect x="{x - wide / 2:.1f}" y="{y + _PICTURE_PX + 2:.1f}" width="{wide:.1f}" height="{_CHIP_PX}" rx="4" '
        f'style="fill:{palette.chip}"/><text x="{x:.1f}" y="{y + _PICTURE_PX + 14.4:.1f}" text-anchor="middle" '
        f'font-family="Source Code Pro, monospace" font-size="11" font-weight="600" fill="#fff">{escape(unit)}</text>'
        + name
        + words(x, foot + graph.name_px, _signed(attribution), colour, 10.5, anchor="middle")
    )
    if address_of is None:
        return f"<g>{drawn}</g>"
    hover = f' data-cw-picture="{escape(face)}"' if face else ""
    href = escape(address_of(unit))
    return f'<a data-cw-link="" href="{href}" class="cw-node" aria-label="unit {escape(unit)}"{hover}>{drawn}</a>'


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{text(float(value))}"
