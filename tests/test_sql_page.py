"""The SQL page: it answers, draws, hides explicit words, and refuses every statement that does not only read."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from dashboards.reads import typed_sql
from dashboards.widgets import answers
from helpers.hostile_statements import HOSTILE
from helpers.opening import checked, open_page, shown
from warehouse.schema import SQL

ENDLESS = "select count(*) from range(100_000_000_000) as a(x) where hash(x) % 7 = 1"


def test_it_answers_its_first_question_and_shows_the_schema_with_comments(small_warehouse, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, small_warehouse, "sql"))
    assert "4 rows in" in page
    assert 'aria-label="Answer"' in page
    assert "Units by activation on the target minus activation on the baseline" in page
    assert "Spatial maximum activation on the word, nothing subtracted." in page


def test_a_permalink_carries_the_question(small_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql", sql="select unit_name from units order by unit_id")
    assert app.text_area(key="sql").value == "select unit_name from units order by unit_id"
    page = shown(app)
    assert "3 rows in" in page and ">4/2/6/1</a>" in page, "a unit is a chip that leads to its page"


def test_an_example_is_taken_into_the_editor_and_run(small_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql")
    chosen = app.selectbox(key="sql example")
    assert len(chosen.options) == len(list((SQL / "examples").glob("*.sql")))
    checked(chosen.select(chosen.options[-1]).run())
    assert app.text_area(key="sql").value == (SQL / "examples" / "word_to_units.sql").read_text().strip()


def test_what_does_not_read_is_refused_and_the_page_lives_on(small_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql")
    before = small_warehouse.read_bytes(), sorted(small_warehouse.parent.iterdir())
    for number, sql in enumerate(HOSTILE):
        sql = sql.replace("DIR", str(small_warehouse.parent))
        assert typed_sql.ask(typed_sql.Asked(sql, 5.0)).error, sql
        if number % 12 == 0:  # the whole page takes longer than its question
            app.text_area(key="sql").set_value(sql)
            assert 'class="cw-refused"' in shown(checked(app.run())), sql
    assert (small_warehouse.read_bytes(), sorted(small_warehouse.parent.iterdir())) == before
    assert "1 row in" in shown(checked(app.text_area(key="sql").set_value("select 42 as x").run()))


def test_a_query_without_end_is_stopped_and_not_asked_again_by_itself(small_warehouse, monkeypatch) -> None:
    monkeypatch.setattr(typed_sql, "ask", counted := Counted(typed_sql.ask))
    app = open_page(monkeypatch, small_warehouse, "sql", sql=ENDLESS, stop="5 s")
    assert "stopped after 5 s" in shown(app)
    checked(app.run())
    assert counted.calls == 1
    assert "1 row in" in shown(checked(app.text_area(key="sql").set_value("select 42 as x").run()))


def test_run_asks_the_same_again(small_warehouse, monkeypatch) -> None:
    monkeypatch.setattr(typed_sql, "ask", counted := Counted(typed_sql.ask))
    app = open_page(monkeypatch, small_warehouse, "sql")
    (run,) = [button for button in app.button if button.label == "Run"]
    checked(run.click().run())
    assert counted.calls == 2


def test_explicit_words_are_masked_until_revealed(small_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql", sql="select 'say damn' as said, ['Damn', 'cat'] as words")
    assert "damn" not in shown(app).split("cw-schema")[-1].lower()
    assert f"say {answers.HIDDEN}" in shown(app) and f"{answers.HIDDEN}, cat" in shown(app)
    revealed = shown(checked(app.toggle(key="reveals_explicit").set_value(True).run()))
    assert "say damn" in revealed


@pytest.mark.parametrize("kind", answers.CHARTS)
def test_each_chart_is_one_click_away(small_warehouse, monkeypatch, kind) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql", sql="from word_top_units order by unit_rank")
    checked(app.segmented_control(key="chart").set_value(kind).run())
    (drawn,) = app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
    assert "activation" in drawn.proto.spec
    assert 'aria-label="Answer"' not in shown(app)


def test_an_empty_file_still_has_a_schema(empty_warehouse, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, empty_warehouse, "sql"))
    assert "No rows." in page and "contribution_statistics" in page


def test_the_schema_is_searched_by_name_and_column(small_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, small_warehouse, "sql")
    found = shown(checked(app.text_input(key="find").set_value("zero_density").run()))
    assert "unit_bimodality" in found and "<code>word_top_units</code>" not in found
    assert "Nothing has that name." in shown(checked(app.text_input(key="find").set_value("qqq").run()))


def test_axes_are_what_a_person_would_choose() -> None:
    rows = pl.DataFrame(
        {
            "run_id": [1, 1],
            "model": ["m", "m"],
            "unit": ["a", "b"],
            "rank": [1, 2],
            "unit_rank": [1, 2],
            "mean": [0.1, 0.3],
        }
    ).drop("rank")
    assert answers.axes(rows, "bars") == ("unit", "mean")
    assert answers.axes(rows, "line") == ("unit_rank", "mean")
    assert answers.axes(rows, "points") == ("mean", "unit_rank")
    assert answers.axes(rows, "histogram") == ("mean", "mean")
    assert answers.axes(pl.DataFrame({"x": [1]}), "bars") == ("x", "x")


def test_a_chart_holds_what_json_can_hold() -> None:
    rows = pl.DataFrame({"a.b": [date(2026, 1, 2), None], "x": [float("nan"), 1.5]})
    spec = answers.chart(rows, "line", "a.b", "x").to_dict()
    assert spec["data"]["values"] == [{"across": "2026-01-02", "upwards": None}, {"across": None, "upwards": 1.5}]
    assert spec["encoding"]["x"]["title"] == "a.b"


def test_masking_knows_word_boundaries() -> None:
    rows = pl.DataFrame({"word": ["damn", "damnation", None], "count": [1, 2, 3]})
    assert answers.hidden(rows, ["damn"])["word"].to_list() == [answers.HIDDEN, "damnation", None]
    assert answers.hidden(rows, []) is rows


class Counted:
    """A function that counts its calls."""

    def __init__(self, function) -> None:
        self.function, self.calls = function, 0

    def __call__(self, *given):
        self.calls += 1
        return self.function(*given)
