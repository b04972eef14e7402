"""The circuit's layout on trees of every shape: rows by layer, nothing over anything else, every edge upward."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.markup.circuit_layout import Branch, Layout, Measures, edge_points, layer_of, place, smallest_gap

SIZES = Measures()
ORDER = {f"{block}/{bottleneck}/5": 10 * block + bottleneck for block in range(1, 5) for bottleneck in range(4)}
NAMES = sorted(ORDER, key=lambda name: ORDER[name])
GOLD = Branch(
    "4/3/5/2",
    children=[Branch("4/1/5/2", "identity", None, [Branch("3/1/5/7", "weight", -0.5)]), Branch("4/2/5/2", "identity")],
)


@st.composite
def trees(draw: st.DrawFn, level: int = len(NAMES) - 1) -> Branch:
    """A tree whose children lie in any lower layers."""
    root = Branch(f"{NAMES[level]}/{draw(st.integers(0, 999))}")
    if level > 0:
        below = draw(st.lists(st.integers(0, level - 1), max_size=3 if level > 6 else 2))
        root.children = [draw(trees(lower)) for lower in below]
    return root


def boxes(layout: Layout) -> list[tuple[float, float, float, float]]:
    half_width, half_height = SIZES.node_width / 2, SIZES.node_height / 2
    return [
        (node.x - half_width, node.x + half_width, node.y - half_height, node.y + half_height) for node in layout.nodes
    ]


@given(trees())
def test_no_two_nodes_overlap_and_all_lie_inside(root: Branch) -> None:
    layout = place(root, ORDER)
    found = boxes(layout)
    for first, second in combinations(found, 2):
        assert first[1] <= second[0] or second[1] <= first[0] or first[3] <= second[2] or second[3] <= first[2]
    for left, right, top, bottom in found:
        assert left >= SIZES.left
        assert top >= 0
        assert right <= layout.width
        assert bottom <= layout.height


@given(trees())
def test_edges_rise_and_cross_no_node(root: Branch) -> None:
    layout = place(root, ORDER)
    found = boxes(layout)
    for index in range(1, len(layout.nodes)):
        (x, start), (_, bend), (parent_x, end) = edge_points(layout, index)
        assert start >= bend > end
        for left, right, top, bottom in found:
            assert not (left < x < right and top < start and bend < bottom), "the straight rise"
            assert not (end < bottom and top < bend and left < max(x, parent_x) and min(x, parent_x) < right), (
                "the bend"
            )


@given(trees())
def test_a_layer_is_a_row_and_later_layers_stand_higher(root: Branch) -> None:
    layout = place(root, ORDER)
    for node in layout.nodes:
        assert node.y == layout.rows[layer_of(node.branch.unit_name)]
    heights = [layout.rows[name] for name in sorted(layout.rows, key=lambda name: ORDER[name])]
    assert heights == sorted(heights, reverse=True)


def test_a_small_circuit_by_hand() -> None:
    layout = place(GOLD, ORDER)
    step = SIZES.node_width + SIZES.column_gap
    first = layout.nodes[0]
    assert [node.branch.unit_name for node in layout.nodes] == ["4/3/5/2", "4/1/5/2", "3/1/5/7", "4/2/5/2"]
    assert [node.parent for node in layout.nodes] == [None, 0, 1, 0]
    assert [node.x - first.x for node in layout.nodes] == [0, -step / 2, -step / 2, step / 2]
    assert list(layout.rows) == ["4/3/5", "4/2/5", "4/1/5", "3/1/5"]


def test_a_unit_alone_is_a_circuit() -> None:
    assert len(place(Branch("4/2/5/1"), ORDER).nodes) == 1


def test_an_edge_that_would_not_rise_is_refused() -> None:
    with pytest.raises(ValueError, match="4/3/5/0 does not lie below 4/2/5/0"):
        place(Branch("4/2/5/0", children=[Branch("4/3/5/0")]), ORDER)


def test_the_root_has_no_edge() -> None:
    with pytest.raises(ValueError, match="root"):
        edge_points(place(GOLD, ORDER), 0)


@given(trees())
def test_edges_of_one_parent_end_side_by_side_in_the_order_of_its_children(root: Branch) -> None:
    layout = place(root, ORDER)
    for parent, node in enumerate(layout.nodes):
        children = sorted(
            (other.x, edge_points(layout, index)[2][0])
            for index, other in enumerate(layout.nodes)
            if other.parent == parent
        )
        ends = [end for _, end in children]
        assert ends == sorted(set(ends))
        assert all(abs(end - node.x) < SIZES.foot_width / 2 for end in ends)
        gaps = [right - left for left, right in pairwise(ends)]
        assert all(gap >= smallest_gap(layout) - 1e-9 for gap in gaps)
