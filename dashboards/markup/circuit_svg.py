"""A circuit as SVG: identity grey, excitatory green, inhibitory red and dashed, width by strength; values are escaped.

The same drawing with theme variables for the page, and with plain colours for a file that stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from dashboards.markup.circuit_layout import NAMED, Layout, Measures, Node, edge_points, smallest_gap
from dashboards.markup.naming import Named
from dashboards.markup.numbers import text

_THIN_PX, _THICK_PX, _IDENTITY_PX, _BETWEEN_PX = 1.2, 7.0, 3.0, 2.0
_PICTURE_PX, _CHIP_PX = 52, 17
_MONO_PX = 6.75  # advance of one character of the chips' font at 11 px
_TITLE_PX, _FOOT_PX = 24, 13
_NAME_PX, _NAME_LETTERS = 10.0, 13


@dataclass(frozen=True)
class Palette:
    """Colours of a drawing, as CSS values."""

    page: str | None
    text: str
    quiet: str
    frame: str
    chip: str
    identity: str
    excites: str
    inhibits: str


THEMED = Palette(
    None,
    "currentColor",
    "color-mix(in srgb, currentColor 55%, transparent)",
    "color-mix(in srgb, currentColor 7%, transparent)",
    "var(--cw-chip)",
    "color-mix(in srgb, currentColor 46%, transparent)",
    "var(--cw-excites)",
    "var(--cw-inhibits)",
)
PLAIN = Palette("#ffffff", "#1d1b24", "#7b7886", "#f1f0f4", "#9a55a5", "#a9a7b0", "#1b7f5c", "#b3312f")


def framed(
    parts: str, width: float, height: float, palette: Palette, title: str, title_px: int, *, is_linked: bool
) -> str:
    """A whole drawing of its parts; where the palette has a page colour, on that ground and with a title above."""
    top = title_px if palette.page else 0
    ground = f'<rect width="100%" height="100%" fill="{palette.page}"/>' if palette.page else ""
    heading = words(12, 18, title, palette.text, 13) if palette.page else ""
    role = "group" if is_linked else "img"  # a screen reader finds no links inside an image
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height + top:.0f}" '
        f'viewBox="0 0 {width:.0f} {height + top:.0f}" role="{role}" aria-label="{escape(title)}" '
        f'font-family="Source Sans 3, Source Sans, sans-serif">{ground}{heading}<g transform="translate(0 {top})">'
        f"{parts}</g></svg>"
    )


def svg(
    layout: Layout,
    faces: Mapping[str, str],
    palette: Palette,
    title: str,
    address_of: Callable[[str], str] | None = None,
    called: Mapping[str, Named] | None = None,
) -> str:
    """The drawing. faces: unit name -> data URI of its picture; title: written above the drawing in a file;
    address_of: where a click on a unit's node leads, None in a file; called: unit name -> its name, for a layout that
    has room for names."""
    called = called or {}
    sizes = NAMED if called else Measures()
    strongest = max((abs(node.branch.weight or 0) for node in layout.nodes), default=0) or 1.0
    thick = min(_THICK_PX, smallest_gap(layout, sizes) - _BETWEEN_PX)
    edges = [_edge(layout, index, thick / strongest, palette, sizes) for index in range(1, len(layout.nodes))]
    nodes = [
        _linked(
            _node(node, faces.get(node.branch.unit_name), called.get(node.branch.unit_name), palette, sizes),
            node,
            faces,
            address_of,
        )
        for node in layout.nodes
    ]
    rows = [_row(name, y, layout.width, palette) for name, y in layout.rows.items()]
    parts = "".join([*rows, *edges, *nodes])
    return framed(parts, layout.width, layout.height, palette, title, _TITLE_PX, is_linked=address_of is not None)


def _row(layer_name: str, y: float, width: float, palette: Palette) -> str:
    return f'<line x1="58" x2="{width:.0f}" y1="{y:.1f}" y2="{y:.1f}" style="stroke:{palette.frame}"/>' + words(
        4, y + 4, layer_name, palette.quiet, 12, mono=True
    )


def _edge(layout: Layout, index: int, px_per_weight: float, palette: Palette, sizes: Measures) -> str:
    branch = layout.nodes[index].branch
    (x, y), (_, bend), (parent_x, parent_y) = edge_points(layout, index, sizes)
    middle = (bend + parent_y) / 2
    path = f"M{x:.1f} {y:.1f}V{bend:.1f}C{x:.1f} {middle:.1f} {parent_x:.1f} {middle:.1f} {parent_x:.1f} {parent_y:.1f}"
    path += f"v{-_FOOT_PX}"  # up to the chip; hidden under a node that has a number at its foot
    if branch.weight is None:
        colour, width, dash, said = palette.identity, _IDENTITY_PX, "", "identity"
    else:
        is_positive = branch.weight > 0
        colour = palette.excites if is_positive else palette.inhibits
        width = max(_THIN_PX, abs(branch.weight) * px_per_weight)
        dash = "" if is_positive else f' stroke-dasharray="{2 + width:.1f} {1.5 + 0.7 * width:.1f}"'
        said = f"{'excites' if is_positive else 'inhibits'}, mean {branch.weight:+.4g}"
    parent = layout.nodes[layout.nodes[index].parent or 0].branch.unit_name
    return (
        f'<path d="{path}" fill="none" style="stroke:{colour}" stroke-width="{width:.2f}"{dash}>'
        f"<title>{escape(f'{branch.unit_name} to {parent}: {said}')}</title></path>"
    )


def _node(node: Node, face: str | None, called: Named | None, palette: Palette, sizes: Measures) -> str:
    left, top = node.x - _PICTURE_PX / 2, node.y - sizes.node_height / 2
    clip = f'<clipPath id="clip-{node.x:.0f}-{node.y:.0f}"><rect x="{left:.1f}" y="{top:.1f}" width="{_PICTURE_PX}" '
    clip += f'height="{_PICTURE_PX}" rx="5"/></clipPath>'
    picture = (
        f'<image href="{escape(face)}" x="{left:.1f}" y="{top:.1f}" width="{_PICTURE_PX}" height="{_PICTURE_PX}" '
        f'preserveAspectRatio="xMidYMid slice" clip-path="url(#clip-{node.x:.0f}-{node.y:.0f})"/>'
        if face
        else ""
    )
    ground = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{_PICTURE_PX}" height="{_PICTURE_PX}" rx="5" '
        f'style="fill:{palette.frame}"/>'
    )
    height = sizes.node_height - (_FOOT_PX if node.branch.weight is None else 0)
    opaque = f'<rect x="{left - 3:.1f}" y="{top:.1f}" width="{_PICTURE_PX + 6}" height="{height}" '
    opaque += f'style="fill:{palette.page or "var(--cw-page)"}"/>'
    chip = _chip(node, top + _PICTURE_PX + 3, palette)
    name = _name(node, called, top + _PICTURE_PX + _CHIP_PX + 13, palette) if called else ""
    return f"{clip}{opaque}{ground}{picture}{chip}{name}{_strength(node, palette, sizes)}{_hint(node, called)}"


def _name(node: Node, called: Named, y: float, palette: Palette) -> str:
    return words(node.x, y, called.short(_NAME_LETTERS), palette.text, _NAME_PX, anchor="middle")


def _hint(node: Node, called: Named | None) -> str:
    """The tooltip: a group's addresses, and the whole name with its trust; none for a unit that has neither."""
    if called is None and not node.branch.members:
        return ""
    said = [", ".join(node.branch.members or (node.branch.unit_name,)), *([called.said] if called else [])]
    return f"<title>{escape(' '.join(said))}</title>"


def _linked(drawn: str, node: Node, faces: Mapping[str, str], address_of: Callable[[str], str] | None) -> str:
    if address_of is None:
        return f"<g>{drawn}</g>"
    name = escape(node.branch.unit_name)
    face = faces.get(node.branch.unit_name)
    hover = f' data-cw-picture="{escape(face)}"' if face else ""
    href = escape(address_of(node.branch.unit_name))
    return f'<a data-cw-link="" href="{href}" class="cw-node" aria-label="unit {name}"{hover}>{drawn}</a>'


def _chip(node: Node, top: float, palette: Palette) -> str:
    count = len(node.branch.members)
    name = f"{count} units" if count else node.branch.unit_name
    width = _MONO_PX * len(name) + 10
    return (
        f'<rect x="{node.x - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_CHIP_PX}" rx="4" '
        f'style="fill:{palette.chip}"/>'
        f'<text x="{node.x:.1f}" y="{top + 12.4:.1f}" text-anchor="middle" font-family="Source Code Pro, monospace" '
        f'font-size="11" font-weight="600" fill="#fff">{escape(name)}</text>'
    )


def _strength(node: Node, palette: Palette, sizes: Measures) -> str:
    """The weight of the edge to the parent, at the foot of the box; an identity has none."""
    weight = node.branch.weight
    if weight is None:
        return ""
    colour = palette.excites if weight > 0 else palette.inhibits
    said = f"{'+' if weight > 0 else '−'}{text(abs(weight))}"
    return words(node.x, node.y + sizes.node_height / 2 - 3, said, colour, 10.5, anchor="middle")


def words(x: float, y: float, said: str, colour: str, size: float, *, anchor: str = "start", mono: bool = False) -> str:
    """Text in a drawing, escaped."""
    family = ' font-family="Source Code Pro, monospace"' if mono else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{family} style="fill:{colour}">'
        f"{escape(said)}</text>"
    )
