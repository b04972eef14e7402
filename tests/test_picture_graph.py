"""The drawing of a picture's graph, and bars split by branch, on rows whose answer can be checked by eye."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import polars as pl
import pytest

import warehouse
from dashboards.markup.branch_bars import Split, branch_bars
from dashboards.markup.circuit_svg import PLAIN
from dashboards.markup.naming import Named
from dashboards.markup.picture_graph import PictureGraph, picture_graph, svg
from dashboards.report.picture_graphs import write_svg
from warehouse.errors import CannotWrite


@pytest.fixture
def drawn(small_graph: Path) -> PictureGraph:
    nodes, edges, cuts = (
        warehouse.query(f"from picture_graph_{part}", warehouse=small_graph) for part in ("nodes", "edges", "cuts")
    )
    return picture_graph("dog", 1.0, nodes, edges, cuts)


def test_rows_are_cuts_from_the_answer_down_with_what_is_left(drawn: PictureGraph) -> None:
    assert [(row.layer_name, row.units) for row in drawn.rows] == [
        ("4/1/6", (("4/1/6/0", 0.6),)),
        ("4/0/8", (("4/0/8/0", 0.75),)),
    ]
    assert [(row.others_count, row.others, row.constant) for row in drawn.rows] == [(1, 0.3, 0.1), (1, -0.1, 0.35)]


def test_edges_lead_to_the_answer_and_a_units_own_shortcut_is_an_identity(drawn: PictureGraph) -> None:
    assert [(edge.lower, edge.upper, edge.attribution, edge.is_identity) for edge in drawn.edges] == [
        ("4/1/6/0", None, 0.6, False),
        ("4/0/8/0", "4/1/6/0", 0.45, True),
    ]
    assert drawn.hidden == 0


def test_thin_edges_are_left_out_and_counted(small_graph: Path) -> None:
    nodes, edges, cuts = (
        warehouse.query(f"from picture_graph_{part}", warehouse=small_graph) for part in ("nodes", "edges", "cuts")
    )
    thin = edges.with_columns(attribution=pl.when(pl.col("edge_kind") == "unit").then(0.001).otherwise("attribution"))
    drawn = picture_graph("dog", 1.0, nodes, thin, cuts)
    assert (len(drawn.edges), drawn.hidden) == (1, 1)


def test_the_file_is_sound_svg_with_every_number_and_escaped_text(drawn: PictureGraph) -> None:
    made = svg(drawn, {}, PLAIN, "What adds to <dog> & co")
    text = " ".join(ElementTree.fromstring(made).itertext())
    for said in ("dog +1.00", "4/1/6/0", "+0.600", "1 other +0.300", "constant +0.100", "1 other −0.100"):
        assert said in text
    assert "<dog>" not in made


def test_a_graph_is_written_or_the_reason_why_not(small_graph: Path, tmp_path: Path) -> None:
    write_svg(small_graph, 1, tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")
    with pytest.raises(CannotWrite):
        write_svg(small_graph, 1, tmp_path / "none" / "graph.svg")


def test_names_stand_under_addresses_with_their_trust_and_take_room_of_their_own(
    drawn: PictureGraph, small_graph: Path
) -> None:
    nodes, edges, cuts = (
        warehouse.query(f"from picture_graph_{part}", warehouse=small_graph) for part in ("nodes", "edges", "cuts")
    )
    called = {
        "4/1/6/0": Named("terrier <b> of Norfolk", 0.614),
        "4/0/8/0": Named("rude word", 0.5, is_explicit=True),
        "4/1/6/1": Named("not drawn", 0.1),
    }
    named = picture_graph("dog", 1.0, nodes, edges, cuts, called)
    assert named.height > drawn.height and set(named.called) == {"4/1/6/0", "4/0/8/0"}
    made = svg(named, {}, PLAIN, "graph")
    texts = [text.text for text in ElementTree.fromstring(made).iter("{http://www.w3.org/2000/svg}text")]
    assert {"4/1/6/0", "“terrier <…” 0.61", "▒▒▒▒ 0.50", "+0.600"} <= set(texts)
    assert "<title>4/1/6/0 “terrier &lt;b&gt; of Norfolk” r 0.61</title>" in made
    assert "rude" not in made and "not drawn" not in made and "“" not in svg(drawn, {}, PLAIN, "graph")


def test_explains_drawing_has_the_names_of_the_graphs_own_model(small_graph: Path, tmp_path: Path) -> None:
    """Two names runs of the model, the newest says dog; another model's newer one says cow of the same address."""
    with duckdb.connect(str(small_graph)) as connection:
        connection.execute(
            "insert into models values (2, 'RN101', 'openai', 'other', 224, 1, 1); "
            "insert into layers select 20, 2, * exclude (layer_id, model_id) from layers where layer_id = 4; "
            "insert into units select 70, 20, * exclude (unit_id, layer_id) from units where unit_name = '4/1/6/0'; "
            "insert into runs select 10 + part, if(part = 2, 2, 1), 'names', '', '{}', 'names ' || part, 'complete', "
            "'cpu', 'float32', '{}', started_at, started_at + to_days(part::integer), 1, 1, null "
            "from runs cross join range(3) as parts(part) where run_id = 1; "
            "insert into name_concepts select 10 + range, range, ['cat', 'dog', 'cow'][range + 1], false, [1, 0] "
            "from range(3); "
            "insert into name_ranks select run_id, unit_id, 1, run_id - 10, 1, 0.5 from runs inner join layers "
            "using (model_id) inner join units using (layer_id) where job_name = 'names' and unit_name = '4/1/6/0'; "
            "insert into name_units select run_id, unit_id, concept_index, 0, 1 from name_ranks"
        )
    write_svg(small_graph, 1, tmp_path / "graph.svg")
    made = (tmp_path / "graph.svg").read_text()
    assert "“dog” 0.50" in made and "cat" not in made and "cow" not in made


def test_parts_stand_on_both_sides_of_a_common_zero() -> None:
    made = branch_bars([Split("a", 0.5, (1.0, -0.5, 0.0)), Split("b", -0.5, (-0.5, 0.0, 0.0))], "bars")
    spans = re.findall(r'class="(cw-\w+)" style="left:([\d.]+)%;width:([\d.]+)%"', made)
    assert [(look, float(left), float(width)) for look, left, width in spans] == [
        ("cw-along", pytest.approx(33.33), pytest.approx(66.67)),
        ("cw-made", 0, pytest.approx(33.33)),
        ("cw-rest", 0, 0),
        ("cw-along", 0, pytest.approx(33.33)),
        ("cw-made", 0, 0),
        ("cw-rest", 0, 0),
    ]
