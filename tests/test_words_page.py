"""The Words page: stored words from the file, any other text through the model, explicit words blurred."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dashboards import live
from helpers import pictured
from helpers.measured import measure
from helpers.opening import APP, checked, open_page, shown

HOUSE = APP.parent.parent


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 words and 60 pictures (by hand) in one layer of the bundled model."""
    path = tmp_path_factory.mktemp("words") / "words.duckdb"
    words = path.with_name("words.txt")
    words.write_text("hat\ncap\ncoffee\nshit\nincomprehensibilities\ndog\ncat\n")
    measure(path, "words", "--file", str(words), "--layers", "4/2/6")
    pictured.fill(path)
    return path


def difference_by_hand(path: Path, first: str, second: str) -> list[tuple[str, float]]:
    """The five largest differences of two stored words, with plain SQL over the tables."""
    sql = """
        select u.unit_name, a.activation_mean - b.activation_mean as d
        from activations a
        join activations b on a.unit_id = b.unit_id and a.run_id = b.run_id
        join stimuli s on a.stimulus_id = s.stimulus_id
        join stimuli t on b.stimulus_id = t.stimulus_id
        join units u on a.unit_id = u.unit_id
        where s.stimulus_text = ? and t.stimulus_text = ? and s.stimulus_kind = 'word'
        order by d desc limit 5"""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql, [first, second]).fetchall()


def test_a_stored_word_shows_its_units_without_a_model(measured, monkeypatch) -> None:
    monkeypatch.setattr(live, "two_texts", not_now)
    page = shown(open_page(monkeypatch, measured, "words", word="coffee"))
    for unit, difference in difference_by_hand(measured, "coffee", "eeeeee"):
        assert f">{unit}</a></span>" in page and f"<small>{difference:.3f}</small>" in page
    assert "minus “eeeeee”" in page and "all_runs.word_top_units" in page


def test_the_first_words_are_stored_ones(measured, monkeypatch) -> None:
    monkeypatch.setattr(live, "two_texts", not_now)
    app = open_page(monkeypatch, measured, "words")
    assert [app.text_input(key=key).value for key in ("word", "with")] == ["dog", "cat"]
    assert "512 units of 4/2/6" in shown(app)


def test_a_stored_text_can_be_the_baseline(measured, monkeypatch) -> None:
    monkeypatch.setattr(live, "two_texts", not_now)
    page = shown(open_page(monkeypatch, measured, "words", word="coffee", baseline="cap"))
    unit, difference = difference_by_hand(measured, "coffee", "cap")[0]
    assert "minus “cap”" in page and unit in page and f"<small>{difference:.3f}</small>" in page


def test_any_other_text_is_run_through_the_model_and_its_picture_shown(measured, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, measured, "words", word="wizard"))
    assert 'alt="the text wizard as the model saw it"' in page
    assert "clip-warehouse difference" in page


def test_what_is_run_live_is_what_was_stored(measured, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, measured, "words", word="coffee", live="true"))
    assert "as the model saw it" in page
    for unit, difference in difference_by_hand(measured, "coffee", "eeeeee"):
        assert unit in page and f"<small>{difference:.3f}</small>" in page


def test_a_text_that_cannot_be_shown_is_one_line(measured, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, measured, "words", word="incomprehensibilities"))
    assert 'class="cw-refused"' in page and "cannot show" in page
    assert 'aria-label="Words that drive 4/2/6/' in page  # the rest stays


def test_words_of_a_unit_link_on_and_explicit_ones_are_blurred(measured, monkeypatch) -> None:
    for word, shows in (
        ("coffee", 'href="words?word=coffee&amp;layer=4/2/6"'),
        ("shit", 'aria-label="explicit, press to reveal">shit</span>'),
    ):
        unit, _ = difference_by_hand(measured, word, "eeeeee")[0]
        assert shows in shown(open_page(monkeypatch, measured, "words", unit=unit))


def test_an_explicit_word_is_named_nowhere_unblurred(measured, monkeypatch) -> None:
    app = open_page(monkeypatch, measured, "words", word="shit", live="true")
    page = "\n".join(part.proto.body for part in app.get("html"))
    assert page.replace('aria-label="explicit, press to reveal">shit</span>', "").count("shit") == 0


def test_a_unit_that_is_not_there_is_a_quiet_line(measured, monkeypatch) -> None:
    assert "No unit 9/9/9/9" in shown(open_page(monkeypatch, measured, "words", unit="9/9/9/9"))


def test_a_word_and_a_picture_share_units(measured, monkeypatch) -> None:
    app = open_page(monkeypatch, measured, "words")
    page = shown(app)
    assert "Units on both" in page and "run_comparison" in page
    chosen = app.selectbox(key="picture")
    again = shown(checked(chosen.select(chosen.options[3]).run()))
    assert chosen.options[3] in again


def test_without_words_the_page_names_the_command(empty_warehouse, monkeypatch) -> None:
    assert "clip-warehouse ingest words" in shown(open_page(monkeypatch, empty_warehouse, "words"))


def test_without_pictures_the_page_names_the_command(measured, tmp_path, monkeypatch) -> None:
    path = Path(shutil.copy(measured, tmp_path / "words.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from runs where job_name = 'pictures'")
    assert "clip-warehouse ingest pictures" in shown(open_page(monkeypatch, path, "words"))


def test_torch_comes_with_the_first_live_question_and_not_before(measured) -> None:
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(APP)!r}, default_timeout=60).run()\n"
        "app.switch_page('app_pages/words.py').run()\n"
        "assert not app.exception, app.exception\n"
        "print('torch' in sys.modules, 'ingest' in sys.modules)\n"
        "app.text_input(key='word').set_value('wizard').run()\n"
        "assert not app.exception, app.exception\n"
        "print('torch' in sys.modules)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env=dict(os.environ) | {"CLIP_WAREHOUSE": str(measured), "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["False", "False", "True"]


def not_now(*given: object) -> None:
    raise AssertionError("a stored word needs no model")


def test_lists_stop_where_activation_does(measured, monkeypatch) -> None:
    monkeypatch.setattr(live, "two_texts", not_now)
    page = shown(open_page(monkeypatch, measured, "words", word="coffee"))
    sql = (
        "select count(*) from all_runs.word_top_units where word = 'coffee' and layer_name = '4/2/6' "
        "and round(activation_difference, 3) > 0"
    )
    with duckdb.connect(str(measured), read_only=True) as connection:
        ((answering,),) = connection.execute(sql).fetchall()
    (listed,) = re.findall(r'<ol class="cw-bars" aria-label="Units by activation on the word.*?</ol>', page, re.DOTALL)
    assert listed.count("<li") == min(answering, 24)
    assert "<small>0.000</small>" not in page
    assert answering >= 24 or "No other unit responds." in page


def test_published_words_answer_without_the_model(measured, monkeypatch) -> None:
    page = shown(open_page(monkeypatch, measured, "words", word="Melbourne"))
    assert "<b>RN50x4 4/5/6/513</b>" in page and "nsw" in page
    assert "none of the published lists" in shown(open_page(monkeypatch, measured, "words", word="hat cap"))


def test_published_words_answer_in_a_file_without_any_model(empty_warehouse, monkeypatch) -> None:
    app = open_page(monkeypatch, empty_warehouse, "words")
    assert "<b>RN50x4 4/5/6/513</b>" in shown(app)
    assert "RN101" in shown(checked(app.text_input(key="word").set_value("brisbane").run()))
