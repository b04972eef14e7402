"""Words: which units a word drives, which words drive a unit, two words compared, a word and a picture together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import floor, log10

import polars as pl
import streamlit as st

from dashboards.markup import bars, chips, numbers, pictures, scatter
from dashboards.markup.links import address
from dashboards.reads import models, questions
from dashboards.sections import published_words
from dashboards.widgets import elements, notices
from warehouse import addresses
from warehouse.errors import InputError
from warehouse.wording import number_of

_DEFAULTS = ("dog", "cat")
_AVERAGE = "average over the words"
_TEXT_BASELINE = "eeeeee"  # what a live question subtracts where the run subtracted its average
_BASELINE_HELP = "Subtracted from each activation; without it a generic text unit tops every list."
_LIVE_HELP = "Show the texts to the model now, and see what it sees. Texts that are not stored are always run live."
_MEANS = ("unit_name", "first_activation_mean", "second_activation_mean")
_WORD_COLUMNS = ("word", "activation_difference", "is_explicit")
_LISTED = 24
_LISTED_SHORT = 5
_DIGITS = 3
_POINTS = 600
_LABELS = 14
_PICTURE_PX = 76
_UNIT_PX = 96


@dataclass(frozen=True)
class Asked:
    """What the reader has chosen. baseline: empty for the run's own. is_live: through the model, even if stored."""

    run: int
    word: str
    other: str
    layer: str
    baseline: str
    is_live: bool


@dataclass(frozen=True)
class Shown:
    """Rows of a comparison, the SQL that gave them (or says what was run), and the pictures of a live one."""

    rows: pl.DataFrame
    sql: str
    images: tuple[bytes, bytes] | None = None


def _controls(run: int, coverage: dict[str, object]) -> Asked:
    layers = questions.answer("words/layers", run=run).rows["layer_name"].to_list()
    word, other = _first_words(run, coverage)
    parts = st.columns([3, 3, 2, 3, 2], gap="small", vertical_alignment="bottom")
    with parts[0]:
        word = st.text_input("Word", word, key="word", bind="query-params") or word
    with parts[1]:
        other = st.text_input("Compared with", other, key="with", bind="query-params") or other
    with parts[2]:
        layer = st.selectbox("Layer", layers, index=len(layers) - 1, key="layer", bind="query-params")
    with parts[3]:
        own = str(coverage["baseline_text"] or "average over the words")
        baseline = st.text_input(
            "Baseline, subtracted", key="baseline", placeholder=own, bind="query-params", help=_BASELINE_HELP
        )
    with parts[4]:
        is_live = st.toggle("Run live", key="live", bind="query-params", help=_LIVE_HELP)
    return Asked(run, word.strip(), other.strip(), layer, (baseline or "").strip(), is_live)


def _first_words(run: int, coverage: dict[str, object]) -> tuple[str, str]:
    """Two words to begin with, both stored, so that opening the page runs no model."""
    stored = _stored(run, _DEFAULTS)
    if len(stored) == len(_DEFAULTS):
        return _DEFAULTS
    first = [*coverage["first_words"], "", ""]  # type: ignore[misc]
    return first[0], first[1]


def _stored(run: int, words: tuple[str, ...]) -> dict[str, bool]:
    """Which of the words the run holds -> whether they are explicit."""
    rows = questions.answer("words/stored_words", run=run, words=words).rows.filter(pl.col("error_message").is_null())
    return dict(rows.select("word", "is_explicit").iter_rows())


def _compared(asked: Asked, first: str, second: str, sql: str, **names: str) -> Shown:
    """Two texts from the warehouse, or through the model if one is not stored or the reader wants it live."""
    if not asked.is_live and {first, second} <= _stored(asked.run, (first, second)).keys():
        answer = questions.answer(sql, run=asked.run, layer=asked.layer, **names)
        return Shown(answer.rows, answer.sql)
    from dashboards import live

    with st.spinner("through the model now"):
        probe = live.two_texts(asked.run, first, second, asked.layer)
    return Shown(probe.rows, f"-- run now: clip-warehouse difference {first!r} --baseline {second!r}", probe.images)


def _above_baseline(asked: Asked, own_baseline: str) -> Shown:
    """The word minus the baseline, unit by unit, the largest first."""
    if not asked.baseline and not asked.is_live and asked.word in _stored(asked.run, (asked.word,)):
        answer = questions.answer("words/units_of_word", run=asked.run, word=asked.word, layer=asked.layer)
        return Shown(answer.rows, answer.sql)
    baseline = asked.baseline or own_baseline
    return _compared(asked, asked.word, baseline, "words/units_above_baseline", word=asked.word, baseline=baseline)


def _hides(asked: Asked, word: str) -> bool:
    """Whether a word is explicit, by the warehouse or, for a word that is not stored, by the list of explicit words."""
    stored = _stored(asked.run, (word,))
    if word in stored:
        return stored[word]
    from dashboards import live

    return live.is_explicit(word)


def _units(asked: Asked, own_baseline: str) -> None:
    """Word -> units."""
    subtracted = asked.baseline or own_baseline
    shown = _above_baseline(asked, _TEXT_BASELINE if own_baseline == _AVERAGE else own_baseline)
    with elements.section("Word → units", f"minus “{subtracted}”", sql=shown.sql, rows=shown.rows):
        if shown.images:
            _images(asked, [(asked.word, shown.images[0]), (asked.baseline or "baseline", shown.images[1])])
        listed = shown.rows.head(_LISTED - 4 if shown.images else _LISTED)
        elements.markup(
            _unit_bars(listed, "activation_difference", "Units by activation on the word minus the baseline")
        )


def _unit_bars(rows: pl.DataFrame, measure: str, label: str) -> str:
    """Bars of the units that respond at all."""
    named = [(chips.unit(unit), value) for unit, value in rows.select("unit_name", measure).rows()]
    return _answering(named, label, "unit responds")


def _answering(named: list[tuple[str, float]], label: str, what: str) -> str:
    """Markup of bars without those that would be written as zero; a line says that they are left out."""
    largest = max((value for _, value in named), default=0.0)
    digits = max(_DIGITS, 1 - floor(log10(largest))) if largest > 0 else _DIGITS
    listed = [(markup, value) for markup, value in named if value >= 0.5 * 10**-digits]
    shown = bars.bar_list(listed, label, digits) if listed else ""
    if len(listed) == len(named):
        return shown
    return f'{shown}<p class="cw-words cw-quiet">No {"other " * bool(listed)}{what}.</p>'


def _images(asked: Asked, images: list[tuple[str, bytes]]) -> None:
    """What the model saw."""
    tiles = [
        pictures.Tile(pictures.data_uri(image, 256), text, f"the text {text} as the model saw it", is_explicit=hides)
        for text, image in images
        for hides in [_hides(asked, text)]
    ]
    tiles = [
        pictures.Tile(tile.source, "" if tile.is_explicit else tile.caption, tile.alt, is_explicit=tile.is_explicit)
        for tile in tiles
    ]
    elements.markup(pictures.grid(tiles, "Texts as the model saw them", side_px=_PICTURE_PX))


def _two_words(asked: Asked) -> None:
    """Every unit of the layer on both words, and who prefers which."""
    shown = _compared(asked, asked.word, asked.other, "words/two_words", word=asked.word, other=asked.other)
    by_both = shown.rows.sort("activation_minimum", descending=True)
    by_difference = shown.rows.sort("activation_difference", descending=True)
    note = f"{number_of(len(by_both), 'unit')} of {asked.layer}"
    with elements.section("Two words", note, sql=shown.sql, rows=by_both):
        elements.markup(_scatter(asked, by_both, by_difference))
        first, both, second = st.columns(3, gap="small")
        with first:
            _short(by_difference, "activation_difference", "more on the first")
        with both:
            _short(by_both, "activation_minimum", "on both: the smaller")
        with second:
            _short(_turned(by_difference), "activation_difference", "more on the second")


def _scatter(asked: Asked, by_both: pl.DataFrame, by_difference: pl.DataFrame) -> str:
    """The units that respond most to either word, the outermost named."""
    outer = pl.concat([by_difference.head(5), by_difference.tail(5), by_both.head(6)])["unit_name"].to_list()
    names = list(dict.fromkeys([*outer, *by_both.head(_POINTS)["unit_name"]]))
    means = {row[0]: row[1:3] for row in by_both.select(*_MEANS).iter_rows()}
    points = [
        scatter.Point(
            means[name][0],
            means[name][1],
            f"{name}: {numbers.text(means[name][0])} and {numbers.text(means[name][1])}",
            address("unit", unit=name),
            name if rank < _LABELS and name in outer else "",
        )
        for rank, name in enumerate(names)
    ]
    first, second = ("explicit word" if _hides(asked, word) else f"“{word}”" for word in (asked.word, asked.other))
    values = [value for point in points for value in (point.x, point.y)]
    across, upwards = (
        scatter.axis(f"activation on {first} →", values),
        scatter.axis(f"↑ activation on {second}", values),
    )
    return scatter.plot(points, across, upwards, height_px=330, is_diagonal=True)


def _turned(rows: pl.DataFrame) -> pl.DataFrame:
    """The same units by how much more they respond to the second word."""
    return rows.reverse().with_columns(-pl.col("activation_difference"))


def _short(rows: pl.DataFrame, measure: str, title: str) -> None:
    driven = rows.filter(pl.col(measure) > 0).head(_LISTED_SHORT)
    body = [
        (chips.unit(unit), f'<span class="cw-note">{numbers.text(value)}</span>')
        for unit, value in driven.select("unit_name", measure).iter_rows()
    ]
    lines = "".join(f"<li>{chip}{value}</li>" for chip, value in body)
    elements.markup(f'<div class="cw-short"><h3>{title}</h3><ol>{lines}</ol></div>')


def _words(asked: Asked) -> None:
    """Unit -> words."""
    likely = f"{asked.layer}/0"
    with suppress(InputError):  # section Word → units shows the error
        likely = next(iter(_above_baseline(asked, _TEXT_BASELINE).rows["unit_name"]), likely)
    unit = addresses.tidy(st.session_state.get("unit", st.query_params.get("unit")) or likely)
    answer = questions.answer("words/words_of_unit", run=asked.run, unit=unit)
    box = partial(_unit_box, likely)
    with elements.section("Unit → words", sql=answer.sql, rows=answer.rows, controls=box):
        if answer.rows.is_empty():
            notices.note(f"No unit {unit} was measured on words: write block/bottleneck/index/channel.")
            return
        elements.markup(f'<p class="cw-above">{chips.unit(unit)}<span>minus the run’s baseline</span></p>')
        listed = answer.rows.head(_LISTED - 1).select(*_WORD_COLUMNS).iter_rows()
        rows = [(_word(asked, word, hides), value) for word, value, hides in listed]
        elements.markup(_answering(rows, f"Words that drive {unit} most", "word drives it"))


def _unit_box(likely: str) -> None:
    st.text_input("Unit", likely, key="unit", bind="query-params", label_visibility="collapsed", width=_UNIT_PX)


def _word(asked: Asked, word: str, hides: bool) -> str:
    return pictures.word(word, True) if hides else chips.link(address("words", word=word, layer=asked.layer), word)


def _picture(asked: Asked) -> None:
    """A word and a picture: the units that respond to both."""
    runs = models.runs("pictures")
    known = (
        questions.answer("words/pictures", run=runs[-1], layer=asked.layer, word=asked.word).rows
        if runs
        else pl.DataFrame()
    )
    if known.is_empty():
        with elements.section(
            "A word and a picture", "units that respond to both", sql=questions.written("words/word_and_picture")
        ):
            reason = f"Units appear here when pictures have been shown to {asked.layer}."
            notices.missing(reason, f"ingest pictures --layers {asked.layer}")
        return
    captions = {row["stimulus_id"]: _caption(row) for row in known.iter_rows(named=True)}
    head, body = st.container(), st.container()
    with body:
        left, right = st.columns([1, 2], gap="small")
    with left:
        chosen = int(_picture_choice(captions))
        _thumbnail(chosen, known)
    answer = questions.answer(
        "words/word_and_picture",
        run=asked.run,
        word=asked.word,
        pictures_run=runs[-1],
        picture=f"#{chosen}",
        layer=asked.layer,
    )
    with head, elements.section("A word and a picture", "the smaller of the two", sql=answer.sql, rows=answer.rows):
        pass
    with right:
        _together(asked, answer.rows)


def _picture_choice(captions: dict[int, str]) -> int:
    return st.selectbox(
        "Picture",
        list(captions),
        format_func=captions.__getitem__,
        key="picture",
        bind="query-params",
        label_visibility="collapsed",
    )


def _together(asked: Asked, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        notices.note(f"“{asked.word}” and this picture are not both stored in {asked.layer}.")
        return
    elements.markup(_unit_bars(rows.head(_LISTED_SHORT), "activation_minimum", "Units on both"))


def _caption(row: dict[str, object]) -> str:
    if row["is_explicit"]:
        return f"explicit picture · {row['stimulus_id']}"
    return f"{row['stimulus_text'] or row['source_uri'] or 'picture'} · {row['stimulus_id']}"


def _thumbnail(stimulus_id: int, known: pl.DataFrame) -> None:
    rows = questions.answer("words/thumbnail", picture=stimulus_id).rows
    row = known.row(by_predicate=pl.col("stimulus_id") == stimulus_id, named=True)
    source = None if rows.is_empty() else pictures.data_uri(rows["thumbnail"][0], 256)
    tile = pictures.Tile(source, "", _caption(row), is_explicit=row["is_explicit"])
    elements.markup(pictures.grid([tile], "The picture", side_px=112))


def _page(run: int) -> None:
    coverage = questions.answer("words/coverage", run=run).rows.row(0, named=True)
    asked = _controls(run, coverage)
    elements.tab("" if _hides(asked, asked.word) else asked.word, "Words")
    own_baseline = coverage["baseline_text"] or _AVERAGE
    left, middle, right = st.columns([5, 8, 5], gap="medium")
    with left:
        with notices.refusals():
            _units(asked, own_baseline)
        published_words.published_units(asked.word)
    with middle:
        with notices.refusals():
            _two_words(asked)
        _picture(asked)
    with right:
        _words(asked)


elements.page_head("Words", "Which units a word drives, and which words drive a unit.")
if run := models.runs("words"):
    _page(run[-1])
else:
    notices.empty("No words have been shown to this model", "Every common word, as a picture.", notices.FIRST_RUNS)
    published_words.published_units(st.text_input("Word", "melbourne", key="word", bind="query-params") or "melbourne")
