"""Views of a picture's graph on the rows of small_graph.sql, whose answers can be checked by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse

near = pytest.approx


@pytest.fixture
def path(small_graph: Path) -> Path:
    return small_graph


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    return warehouse.query(sql, warehouse=path).rows()


def test_outputs_and_the_units_that_they_add_are_nodes(path: Path) -> None:
    found = rows(
        path,
        "select unit_name, node_kind, attribution, attribution_rank, is_shown, target, stimulus_id "
        "from picture_graph_nodes where layer_name <> '4/0/5' order by layer_order desc, unit_name",
    )
    assert found == [
        ("4/1/6/0", "output", 0.6, 1, True, "dog", 7),
        ("4/1/6/1", "output", 0.3, 2, False, "dog", 7),
        ("4/1/5/0", "residual", 0.1, 1, True, "dog", 7),
        ("4/1/5/1", "residual", -0.1, 2, False, "dog", 7),
        ("4/0/8/0", "output", 0.75, 1, True, "dog", 7),
        ("4/0/8/1", "output", -0.1, 2, False, "dog", 7),
        ("4/0/7/0", "shortcut", 0.25, 1, True, "dog", 7),
        ("4/0/7/1", "shortcut", 0, 2, False, "dog", 7),
    ]


def test_attributions_and_constant_add_up_to_the_target_at_every_cut(path: Path) -> None:
    found = rows(
        path,
        "select layer_name, shown_attribution, others_attribution, constant_attribution, target_value, "
        "shown_count, unit_count, shown_share, shortcut_attribution, residual_attribution "
        "from picture_graph_cuts order by layer_order desc",
    )
    assert found == [
        ("4/1/6", 0.6, 0.3, 0.1, 1, 1, 2, near(0.6 / 0.9), 0.9, 0),
        ("4/0/8", 0.75, -0.1, 0.35, 1, 1, 2, near(0.75 / 0.85), 0.25, 0.4),
    ]
    for _, shown, others, constant, value, *_ in found:
        assert shown + others + constant == near(value)


def test_edges_others_and_constant_of_a_unit_add_up_to_it(path: Path) -> None:
    found = rows(
        path,
        "select edge_kind, lower_unit, upper_unit, lower_layer, attribution, shortcut_attribution, "
        "residual_attribution from picture_graph_edges order by edge_kind",
    )
    assert found == [
        ("constant", None, "4/1/6/0", None, 0.05, None, None),
        ("others", None, "4/1/6/0", None, near(0.1), None, None),
        ("unit", "4/0/8/0", "4/1/6/0", "4/0/8", 0.45, 0.5, -0.05),
    ]


def test_several_graphs_are_shown_side_by_side(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("update runs set status = 'complete', finished_at = now()::timestamp where run_id = 2")
        connection.execute("insert into graph_targets values (2, 7, 'cat', 'text', 0.5)")
        connection.execute("insert into graph_cuts values (2, 4, 0.1)")
        connection.execute("insert into graph_nodes values (2, 7, 0.4, 0.4, 0, null, true, [0.4, 0])")
    assert rows(path, "select distinct target from picture_graph_cuts order by 1") == [("cat",), ("dog",)]
