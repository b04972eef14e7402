"""Where a circuit's units are drawn: a tree, one row per layer, every edge upward, nothing over anything else.

Pure: edges in, places out. Subtrees stand as close together as their outlines allow, row by row. A node and the
straight rise of its edge keep one column free up to the parent's row; the edges of siblings bend in the gap below that
row. So nothing crosses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Branch:
    """A unit in the tree with what feeds it. weight: of the edge to the parent, None for an identity and for the root.

    kind: identity (added as it is), weight (an expanded weight) or root. members: addresses of units that are drawn as
    one node, whose weight is the sum of theirs; empty for a single unit.
    """

    unit_name: str
    kind: str = "root"
    weight: float | None = None
    children: list[Branch] = field(default_factory=list)
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """A placed unit: the middle of its box, px from the top left."""

    branch: Branch
    x: float
    y: float
    parent: int | None


@dataclass(frozen=True)
class Layout:
    """Placed nodes, the root first, a parent before its children; rows: layer name -> y of its middle, px."""

    nodes: Sequence[Node]
    rows: Mapping[str, float]
    width: float
    height: float


@dataclass(frozen=True)
class Measures:
    """Sizes in px: a node's box, and the gaps between columns and rows."""

    node_width: float = 84
    node_height: float = 86
    column_gap: float = 14
    row_gap: float = 30
    margin: float = 12
    foot_width: float = 56  # where edges end below a node: as wide as its picture
    left: float = 64  # room for the rows' names


NAMED = Measures(node_height=99)  # room for a unit's name under its address


def layer_of(unit_name: str) -> str:
    """The layer of a unit's address."""
    return unit_name.rpartition("/")[0]


def place(root: Branch, layer_order: Mapping[str, int], measures: Measures | None = None) -> Layout:
    """Places for a tree whose children lie in earlier layers than their parent.

    layer_order: layer name -> its place in running order. Raises ValueError when an edge would not rise.
    """
    sizes = measures or Measures()
    flat = _flat(root)
    for branch, parent in flat:
        if (
            parent is not None
            and layer_order[layer_of(branch.unit_name)] >= layer_order[layer_of(flat[parent][0].unit_name)]
        ):
            raise ValueError(f"{branch.unit_name} does not lie below {flat[parent][0].unit_name}")
    rows = _rows([branch for branch, _ in flat], layer_order, sizes)
    columns = _columns(flat, {name: place for place, name in enumerate(rows)})
    step = sizes.node_width + sizes.column_gap
    first = sizes.left + sizes.margin + sizes.node_width / 2
    nodes = [
        Node(branch, first + step * columns[id(branch)], rows[layer_of(branch.unit_name)], parent)
        for branch, parent in flat
    ]
    width = max(node.x for node in nodes) + sizes.node_width / 2 + sizes.margin
    return Layout(nodes, rows, width, max(rows.values()) + sizes.node_height / 2 + sizes.margin)


def edge_points(layout: Layout, child: int, measures: Measures | None = None) -> tuple[tuple[float, float], ...]:
    """An edge's corners: the child's top, the end of its straight rise, its own place at the parent's bottom; px."""
    sizes = measures or Measures()
    node = layout.nodes[child]
    if node.parent is None:
        raise ValueError("the root has no edge")
    parent = layout.nodes[node.parent]
    bottom = parent.y + sizes.node_height / 2
    siblings = sorted(other.x for other in layout.nodes if other.parent == node.parent)
    gap = _edge_gap(len(siblings), sizes)
    end = parent.x + gap * (siblings.index(node.x) - (len(siblings) - 1) / 2)
    return (node.x, node.y - sizes.node_height / 2), (node.x, bottom + sizes.row_gap), (end, bottom)


def smallest_gap(layout: Layout, measures: Measures | None = None) -> float:
    """The smallest distance between two edges that end at one parent, px."""
    families = Counter(node.parent for node in layout.nodes)
    return _edge_gap(max(families.values(), default=1), measures or Measures())


def _edge_gap(sibling_count: int, sizes: Measures) -> float:
    return min(sizes.column_gap, sizes.foot_width / sibling_count)


def _flat(root: Branch) -> list[tuple[Branch, int | None]]:
    """Every branch with its parent's index, a parent before its children."""
    branches: list[tuple[Branch, int | None]] = []
    waiting: list[tuple[Branch, int | None]] = [(root, None)]
    while waiting:
        branch, parent = waiting.pop()
        branches.append((branch, parent))
        waiting += [(child, len(branches) - 1) for child in reversed(branch.children)]
    return branches


def _rows(branches: Sequence[Branch], layer_order: Mapping[str, int], sizes: Measures) -> dict[str, float]:
    """Layer -> the middle of its row, the latest layer on top."""
    layers = sorted({layer_of(branch.unit_name) for branch in branches}, key=lambda name: -layer_order[name])
    step = sizes.node_height + sizes.row_gap
    return {name: sizes.margin + sizes.node_height / 2 + step * index for index, name in enumerate(layers)}


def _columns(flat: Sequence[tuple[Branch, int | None]], rows: Mapping[str, int]) -> dict[int, float]:
    """id of a branch -> its column, from 0: a parent stands over the middle of its children."""
    shifts: dict[int, float] = {}
    _outline(flat[0][0], rows, shifts)
    columns = {id(flat[0][0]): 0.0}
    for branch, parent in flat[1:]:
        columns[id(branch)] = columns[id(flat[parent or 0][0])] + shifts[id(branch)]
    return {branch: column - min(columns.values()) for branch, column in columns.items()}


def _outline(branch: Branch, rows: Mapping[str, int], shifts: dict[int, float]) -> dict[int, tuple[float, float]]:
    """Level -> first and last column of a subtree, from its root's: row r is level 2 r, the gap below it 2 r + 1.

    shifts gets each descendant's column, counted from its parent's.
    """
    own = 2 * rows[layer_of(branch.unit_name)]
    taken: dict[int, tuple[float, float]] = {}
    for child in branch.children:
        rise = range(own + 1, 2 * rows[layer_of(child.unit_name)])
        outline = _outline(child, rows, shifts) | dict.fromkeys(rise, (0.0, 0.0))
        shift = max((taken[level][1] + 1 - first for level, (first, _) in outline.items() if level in taken), default=0)
        for level, (first, last) in outline.items():
            taken[level] = taken.get(level, (first + shift, 0))[0], last + shift
        shifts[id(child)] = shift
    if branch.children:
        middle = (shifts[id(branch.children[0])] + shifts[id(branch.children[-1])]) / 2
        for child in branch.children:
            shifts[id(child)] -= middle
        taken = {level: (first - middle, last - middle) for level, (first, last) in taken.items()}
    return taken | {own: (0.0, 0.0)}
