"""The report: its macro on hand-written rows, and its page from a warehouse whose texts try to become markup."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse
from clip_warehouse import main
from dashboards.markup import numbers
from dashboards.report import document, figures
from dashboards.report.contents import CASES, FIGURES
from warehouse.schema import SQL

EVIL = "</style><script>alert(1)</script> $x^{$"  # breaks out of markup, or of mathematics


def test_unit_facts_tells_our_shares_and_the_published_one(small_shares: Path) -> None:
    rows = warehouse.query(
        "select fact, fact_text, fact_value from unit_facts('4/1/6/0') where fact = 'share of the shortcut'",
        warehouse=small_shares,
    ).rows()
    assert ("share of the shortcut", "added, on examples", 0.5) in rows
    assert ("share of the shortcut", "published, on examples", 0.25) in rows
    assert any(text.startswith("as the article's repository") for _, text, _ in rows)


def test_unit_facts_ranks_the_contributors_of_the_convolution(small_weights: Path) -> None:
    """3/5/3/0 and 3/5/3/1, made up here, drive 3/5/5/2 with 18 / 9 and -9 / 9 over nine cells."""
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute("insert into units values (9, 2, 1, '3/5/3/1', 1, 0)")
        connection.execute("insert into layer_pairs values (2, 2, 3, 5, 5, 3, 3, 9, false)")
        connection.execute("insert into expanded_weights values (2, 3, 6, 18, 18, 6), (2, 9, 6, -9, 9, 3)")
    rows = warehouse.query(
        "select fact, fact_rank, fact_text, fact_value from unit_facts('3/5/6/2') order by all", warehouse=small_weights
    ).rows()
    assert rows == [
        ("convolution excited by", 1, "3/5/3/0", 2.0),
        ("convolution inhibited by", 1, "3/5/3/1", -1.0),
    ]


def test_unit_facts_of_a_unit_that_is_not_there_is_empty(small_warehouse: Path) -> None:
    assert warehouse.query("from unit_facts('4/2/6/1052')", warehouse=small_warehouse).rows() == []


@pytest.mark.parametrize("shown", [*FIGURES, *CASES], ids=lambda shown: shown.example)
def test_what_the_report_shows_is_a_query_that_ships(shown) -> None:
    assert (SQL / "examples" / f"{shown.example}.sql").is_file()


def test_the_page_holds_all_it_needs_and_lets_nothing_out(small_weights: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute("update models set model_name = $name", {"name": EVIL})
        connection.execute("update findings set claim = $claim where finding_index = 1", {"claim": EVIL})
    out = tmp_path / "r.html"
    assert main(["report", "--out", str(out), "--figures", str(tmp_path / "f"), "--warehouse", str(small_weights)]) == 0
    page = out.read_text()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page)
    written = sorted(path.name for path in (tmp_path / "f").iterdir())
    assert "figure_bimodality_by_depth.png" in written
    assert len([name for name in written if name.endswith(".png")]) == page.count("<figure>") == page.count("<svg")


def test_an_empty_warehouse_makes_a_page_that_says_so(empty_warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    assert main(["report", "--out", str(out), "--warehouse", str(empty_warehouse)]) == 0
    assert "Nothing is measured yet for" in out.read_text()


def test_a_page_that_cannot_be_written_is_one_line(empty_warehouse: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["report", "--out", "/proc/nowhere/r.html", "--warehouse", str(empty_warehouse)]) == 1
    assert "cannot write /proc/nowhere/r.html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.85991, "0.8599"),
        (78.0, "78"),
        (-0.5, "\N{MINUS SIGN}0.5"),
        (2e6, "2,000,000"),
        (5e-05, "0.00005"),
        (-5e-05, "\N{MINUS SIGN}0.00005"),
        (1.5e-12, "1.5e-12"),
    ],
)
def test_numbers_have_four_digits(value: float, shown: str) -> None:
    assert numbers.four_digits(value) == shown


@pytest.mark.parametrize(
    ("comparison", "tolerance", "said"),
    [
        ("at least", 0.4, "\N{GREATER-THAN OR EQUAL TO} 0.6"),
        ("at most", 0.5, "\N{LESS-THAN OR EQUAL TO} 1.5"),
        ("about", 5e-05, "1<small>\N{PLUS-MINUS SIGN} 0.00005</small>"),
        ("about", 0, "1<small>exactly</small>"),
    ],
)
def test_a_claim_says_what_counts_as_agreement(comparison: str, tolerance: float, said: str) -> None:
    claim = {"published_value": 1.0, "comparison": comparison, "tolerance": tolerance}
    assert document._wanted(claim) == said


def test_a_figure_of_shares_says_how_many_units_each_series_rests_on() -> None:
    rows = pl.DataFrame(
        {
            "layer_name": ["4/1/6", "4/1/6", "4/2/6"],
            "series": ["a", "b", "b"],
            "bin_index": [3, 4, 4],
            "measured_unit_count": [4, 2048, 20],
            "unit_share": [1.0, 1.0, 1.0],
        }
    )
    figure = figures.shortcut_shares(rows)
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [["n = 4", "n = 2,048"], ["n = 20"]]


def test_the_page_opens_with_what_was_measured_and_ends_with_the_claims(small_weights: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    assert main(["report", "--out", str(out), "--warehouse", str(small_weights)]) == 0
    page = out.read_text()
    order = [
        "What was measured",
        "In short",
        "Figure 1.",
        "Case studies",
        "Further figures",
        "Claims</h2>",
    ]
    places = [page.index(part) for part in order]
    assert places == sorted(places)
    assert "Figure 4." not in page[: page.index("Case studies")]
    assert re.search(r"<li><b>[^<]+</b> weights: [\d,]+ rows", page)
    assert 1 <= page[places[1] : places[2]].count("<li>") <= 10


def test_lines_in_short_are_of_different_kinds_and_each_says_its_verdict(small_weights: Path) -> None:
    sql = (SQL / "pages" / "report" / "in_short.sql").read_text()
    rows = warehouse.query(sql, warehouse=small_weights)
    assert rows["claim"].n_unique() == len(rows) >= 2
    assert set(rows["verdict"]) <= {"agrees", "differs", "compares"}
    assert rows["our_value"].null_count() == 0


def test_a_claims_value_with_gates_stands_below_its_own() -> None:
    answer = {"model": "M", "value": 0.25, "gated_value": -0.5, "verdict": "compares", "reason": ""}
    about = {"finding_index": 1, "claim": "c", "measure": "m", "example_name": "e"}
    wanted = {"published_value": 1.0, "tolerance": 0.1, "comparison": "about"}
    table = document.claims_table([{**about, **wanted, "answers": [answer]}], "")
    assert re.search(r">0\.25<small[^>]*>compares</small><small>[^<]*0\.5 with gates</small>", table)
    assert "0.5 with gates" not in document.claims_table(
        [{**about, **wanted, "answers": [{**answer, "gated_value": None}]}], ""
    )
