"""Names beside addresses, the search box of every page, and circuits whose units of one name are drawn as one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.markup import chips, naming
from dashboards.markup.circuit_layout import NAMED, Branch, place
from dashboards.markup.circuit_svg import PLAIN, svg
from dashboards.markup.naming import Named
from dashboards.reads import circuits
from helpers.opening import checked, open_page, shown

BIRD, OWL, RUDE = Named("bird", 0.614), Named("owl <b>", 0.1), Named("rude word", 0.5, is_explicit=True)
CALLED = {"4/2/3/1": BIRD, "4/2/3/2": BIRD, "4/2/3/3": BIRD, "4/2/3/4": OWL, "4/2/6/9": BIRD}
ORDER = {"4/1/6": 0, "4/2/1": 1, "4/2/3": 2, "4/2/5": 3, "4/2/6": 4}


def tree() -> Branch:
    """Three birds and an owl feed a convolution, one bird inhibits it; two of the birds are fed by one unit."""
    shared = [Branch("4/2/1/5", "weight", 0.5)], [Branch("4/2/1/5", "weight", 0.25), Branch("4/2/1/6", "weight", 1.0)]
    children = [
        Branch("4/2/3/1", "weight", 0.3, shared[0]),
        Branch("4/2/3/4", "weight", 0.2),
        Branch("4/2/3/2", "weight", 0.1, shared[1]),
        Branch("4/2/3/3", "weight", -0.4),
    ]
    return Branch("4/2/6/9", children=[Branch("4/1/6/9", "identity"), Branch("4/2/5/9", "identity", None, children)])


def test_units_of_one_name_and_sign_are_drawn_as_one_with_the_sum_of_their_weights() -> None:
    whole = tree()
    made = circuits.grouped(whole, CALLED).children[1].children
    assert [(branch.unit_name, branch.members, pytest.approx(branch.weight)) for branch in made] == [
        ("4/2/3/1", ("4/2/3/1", "4/2/3/2"), 0.4),
        ("4/2/3/4", (), 0.2),
        ("4/2/3/3", (), -0.4),
    ]
    assert [(branch.unit_name, branch.weight) for branch in made[0].children] == [("4/2/1/5", 0.75), ("4/2/1/6", 1.0)]
    assert circuits.weights(whole, {}).height == 9, "the tree itself is as it was"
    assert circuits.grouped(whole, {}) == whole


def test_every_unit_of_a_tree_is_asked_for_its_name() -> None:
    group = circuits.grouped(tree(), CALLED)
    assert circuits.units_of(group) == circuits.units_of(tree())
    assert len(circuits.units_of(group)) == 9


def test_the_drawing_says_names_under_addresses_and_groups_as_a_number() -> None:
    drawn = svg(place(circuits.grouped(tree(), CALLED), ORDER, NAMED), {}, PLAIN, "circuit", called=CALLED)
    assert ">2 units<" in drawn and "4/2/3/1, 4/2/3/2 “bird” r 0.61" in drawn
    assert ">4/2/6/9<" in drawn and ">“bird” 0.61<" in drawn
    assert "<b>" not in drawn and "owl &lt;b&gt;" in drawn
    assert "rude" not in svg(place(Branch("4/2/6/9"), ORDER, NAMED), {}, PLAIN, "circuit", called={"4/2/6/9": RUDE})
    assert "“" not in svg(place(tree(), ORDER), {}, PLAIN, "circuit")


def test_a_circuits_export_has_names_and_trusts_beside_addresses() -> None:
    edges = circuits.weights(tree(), CALLED)
    owl = edges.filter(pl.col("lower_unit") == "4/2/3/4").row(0, named=True)
    assert owl == {
        "lower_unit": "4/2/3/4",
        "upper_unit": "4/2/5/9",
        "kind": "weight",
        "weight_mean": 0.2,
        "lower_name": "owl <b>",
        "lower_trust": 0.1,
        "upper_name": None,
        "upper_trust": None,
    }


def test_a_name_is_quoted_with_its_trust_and_escaped() -> None:
    assert naming.beside(None) == ""
    assert "“bird” <small>0.61</small>" in naming.beside(BIRD)
    assert "<b>" not in naming.beside(OWL)
    hidden = naming.beside(RUDE)
    assert "title" not in hidden and "cw-explicit" in hidden
    assert RUDE.said == "▒▒▒▒ r 0.50"
    assert 'title="“owl &lt;b&gt;” r 0.10"' in chips.unit("4/2/6/9", called=OWL)


def test_the_unit_page_says_the_name_the_runner_up_and_chance(
    small_names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(open_page(monkeypatch, small_names, "unit", unit="4/2/6/0"))
    assert "“cat” <small>0.90</small>" in page
    assert "<b>cat&nbsp;0.90</b>" in page and "dog&nbsp;−0.90" in page and "by chance: cow&nbsp;0.10" in page
    silent = shown(open_page(monkeypatch, small_names, "unit", unit="4/1/5/0"))
    assert "It does not vary" in silent and "“cow”" not in silent


def test_a_text_finds_units_with_the_reasons(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(open_page(monkeypatch, small_names, "find", text="cat"))
    assert "its pictures mean it (+0.20); named cat (r 0.90); no. 2 of the words that drive it" in page
    assert page.index("unit=4/2/6/0") < page.index("unit=4/1/5/0")
    assert "There is nothing to find yet" in shown(open_page(monkeypatch, small_names, "find"))


def test_without_names_published_names_answer_and_the_command_is_named(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(open_page(monkeypatch, small_warehouse, "find", text="minnesota"))
    assert "No unit fits this text." in page and "ingest names" in page
    assert "published as no. 1 of the words that drive it" in page


def test_an_explicit_name_is_blurred(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(small_names)) as connection:
        connection.execute("update name_concepts set is_explicit = true where concept = 'cat'")
    page = shown(open_page(monkeypatch, small_names, "find", text="cat"))
    assert 'class="cw-explicit"' in page


def test_the_box_leads_to_a_unit_or_to_what_a_text_finds(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, small_names, "overview")
    checked(app.text_input(key="cw_search").input("dog").run())
    assert app.query_params["text"] == "dog"
    assert "named dog (r 0.50)" in shown(app)
    checked(app.text_input(key="cw_search").input(" 4/2/6 / 1").run())
    assert app.query_params["unit"] == "4/2/6/1"
    assert "channel 1 of 2" in shown(app)


@pytest.mark.parametrize(
    ("statement", "is_named"),
    [
        ("select unit_name from units", True),
        ("select unit_name as upper_unit, 1 as model_id from units", True),
        ("select unit_name, 'RN50-quickgelu' as model_name from units", True),
        ("select unit_name, 'RN101' as model_name from units", False),
        ("select unit_name, unnest([1, 2]) as model_id from units", False),
        ("select unit_name as other_unit_name from units", False),
        ("select 4 as unit", False),
    ],
)
def test_the_sql_pages_chips_say_names_of_the_chosen_model_alone(
    statement: str, is_named: bool, small_names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(open_page(monkeypatch, small_names, "sql", sql=statement))
    assert ('title="“cat” r 0.90"' in page) == is_named


def test_without_a_column_that_says_the_model_no_unit_of_two_models_is_named(
    small_names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(small_names)) as connection:
        connection.execute("insert into models values (2, 'RN101', 'openai', 'other weights', 224, 2, 3)")
    for statement, is_named in (("from units", False), ("select *, 1 as model_id from units", True)):
        page = shown(open_page(monkeypatch, small_names, "sql", sql=statement))
        assert ('title="“cat” r 0.90"' in page) == is_named
