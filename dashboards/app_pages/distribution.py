"""Activation distribution: a unit's pictures from weakest to strongest, a picture that the reader drops in, labels."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from dashboards.markup import chips, heat_tables, histograms, numbers, pictures
from dashboards.markup.histograms import Histogram
from dashboards.markup.pictures import Tile
from dashboards.reads import models, questions, units, warehouse_file
from dashboards.sections import unit_evidence
from dashboards.widgets import elements, notices
from warehouse import addresses
from warehouse.errors import ClipWarehouseError
from warehouse.labelling import add_label
from warehouse.wording import number_of

_TILE_PX, _OWN_PX, _LABEL_PX = 112, 168, 128
_BARS_PX, _BOX_PX = 90, 130
_FORMATS = ["png", "jpg", "jpeg", "webp", "gif", "bmp"]


@dataclass(frozen=True)
class Asked:
    """A unit that was shown pictures: the run, its name, its key, and whether most pictures leave it at zero."""

    run: int
    unit: str
    unit_id: int
    is_mostly_silent: bool


def _asked(run: int) -> Asked | None:
    first = questions.answer("distribution/first_unit", run=run).rows
    likely = "" if first.is_empty() else first["unit_name"][0]
    unit = addresses.tidy(st.session_state.get("unit", st.query_params.get("unit")) or likely)
    known = units.unit(unit)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if known:
            elements.markup(f'<p class="cw-chosen-unit">{chips.unit(unit)}{escape(unit_evidence.described(known))}</p>')
        else:
            notices.note(f"No unit {unit} in this model: write block/bottleneck/index/channel.")
        st.text_input("Unit", likely, key="unit", bind="query-params", label_visibility="collapsed", width=_BOX_PX)
    if known is None:
        return None
    elements.tab(unit, "Activation distribution")
    moments = questions.answer("distribution/moments", run=run, unit=known.unit_id).rows
    positive_share = None if moments.is_empty() else moments["positive_share"][0]
    return Asked(run, unit, known.unit_id, histograms.is_mostly_silent(positive_share))


def _levels(asked: Asked) -> pl.DataFrame:
    """Ten columns, weakest first: tenths of the pictures; of a mostly silent unit those at zero, ninths of the rest."""
    question = "distribution/pictures_above_zero" if asked.is_mostly_silent else "distribution/pictures_by_level"
    note = "pictures at zero, then ninths of the rest" if asked.is_mostly_silent else "tenths, weakest first"
    answer = questions.answer(question, run=asked.run, unit=asked.unit)
    with elements.section("Pictures by activation level", note, sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.missing(f"No activations of {asked.unit} are kept", "ingest pictures FOLDER --keep activations")
            return answer.rows
        small = units.thumbnails(answer.rows["stimulus_id"], _TILE_PX)
        columns = [_tenth(group, small) for group in answer.rows.partition_by("quantile_group", maintain_order=True)]
        elements.markup(f'<div class="cw-tenths">{"".join(columns)}</div>')
    return answer.rows


def _tenth(group: pl.DataFrame, small: dict[int, str | None]) -> str:
    tiles = [
        Tile(small.get(row["stimulus_id"]), "", row["caption"] or "", None, row["is_explicit"])
        for row in group.iter_rows(named=True)
    ]
    level = f"≤ {numbers.text(group['activation_mean'][-1])}"
    named = f"tenth {group['quantile_group'][0]}" if group["quantile_group"][0] else "at zero or below"
    return f"<div>{pictures.grid(tiles, named, columns=1)}<small>{level}</small></div>"


def _above_zero(asked: Asked) -> None:
    """The share of pictures that leave the unit at zero as one bar, the others in bins."""
    answer = questions.answer("distribution/above_zero", run=asked.run, unit=asked.unit)
    with elements.section("Activation", "zero as one bar, above it in bins", sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.note("No kept picture drives this unit above zero.")
            return
        silent, largest, z_score = answer.rows.select("silent_count", "largest", "largest_z_score").row(0)
        counts = answer.rows["picture_count"].to_list()
        scale = ("0", f"{numbers.text(largest)} = {numbers.text(z_score)} σ")
        elements.markup(histograms.split_at_zero(silent, counts, scale, _BARS_PX) + _summary(asked))


def _buckets(asked: Asked) -> None:
    """How many pictures lie how far from the average."""
    answer = questions.answer("distribution/distance_from_average", run=asked.run, unit=asked.unit)
    with elements.section("Distance from the average", "in standard deviations", sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.note("This unit never varies over the pictures.")
            return
        counts = dict(answer.rows.select("deviation_bucket", "picture_count").iter_rows())
        low, high = min(counts), max(counts)
        drawn = Histogram(
            [counts.get(bucket, 0) for bucket in range(low, high + 1)],
            zero=-low / (high + 1 - low),
            scale=(f"{numbers.text(low)} σ", f"{numbers.text(high + 1)} σ"),
        )
        most = histograms.second_peak(drawn.counts)
        elements.markup(histograms.histogram(drawn, most, height_px=_BARS_PX) + _summary(asked))


def _summary(asked: Asked) -> str:
    moments = questions.answer("distribution/moments", run=asked.run, unit=asked.unit_id).rows
    if moments.is_empty():
        return ""
    count, average, deviation, positive, largest = moments.row(0)
    said = (
        f"{number_of(count, 'picture')}, {numbers.percent(positive)} above zero; average {numbers.text(average)}, "
        f"deviation {numbers.text(deviation)}, largest {numbers.text(largest)}"
    )
    return f'<p class="cw-words cw-quiet">{said}</p>'


def _own(asked: Asked) -> None:
    """A picture that the reader drops in, shown to the model, and where it lies among the others."""
    with elements.section(
        "A picture of yours",
        "through the model now",
        sql=questions.written("distribution/share_below", run=asked.run, unit=asked.unit),
    ):
        dropped = st.file_uploader("Picture", _FORMATS, key="own picture", label_visibility="collapsed")
        if dropped is None:
            return
        content = dropped.getvalue()
        try:
            from dashboards import live

            with st.spinner("through the model now"):
                value = live.picture(asked.run, content, asked.unit)
        except ClipWarehouseError as error:
            notices.refused(str(error))
            return
        _place(asked, content, value)


def _place(asked: Asked, content: bytes, value: float) -> None:
    below = questions.answer("distribution/share_below", run=asked.run, unit=asked.unit, value=value).rows.row(0)[0]
    moments = questions.answer("distribution/moments", run=asked.run, unit=asked.unit_id).rows
    lines = {"activation": numbers.text(value)}
    if below is not None:
        lines["above"] = f"{numbers.percent(below)} of the pictures"
    if not moments.is_empty() and moments["activation_deviation"][0]:
        away = (value - moments["activation_average"][0]) / moments["activation_deviation"][0]
        lines["from the average"] = f"{numbers.written(away, '+.1f')} σ"
    left, right = st.columns([1, 2], gap="small")
    with left:
        elements.markup(pictures.picture(pictures.data_uri(content, _OWN_PX), "the picture you dropped in"))
    with right:
        elements.facts(lines)


def _labelling(asked: Asked, shown: pl.DataFrame) -> None:
    """One picture at a time, the strongest first; each label is written at once."""
    given = questions.answer("distribution/labels", unit=asked.unit_id).rows
    known = given["label_name"].unique(maintain_order=True).to_list()
    waiting = shown.filter(~pl.col("stimulus_id").is_in(given["stimulus_id"].to_list())).sort(
        "activation_mean", descending=True
    )
    note = f"{given['stimulus_id'].n_unique()} labelled, {len(waiting)} to go"
    with elements.section(
        "Label pictures", note, sql=questions.written("distribution/labels", unit=asked.unit_id), rows=given
    ):
        if waiting.is_empty():
            notices.note("Every picture shown here has a label.")
            return
        _ask_for_label(asked, waiting.row(0, named=True), known)


def _ask_for_label(asked: Asked, row: dict[str, object], known: list[str]) -> None:
    picture_id = int(str(row["stimulus_id"]))
    small = units.thumbnails(pl.Series([picture_id]), _LABEL_PX)
    left, right = st.columns([1, 2], gap="small")
    with left:
        tile = Tile(small.get(picture_id), "", str(row["caption"] or ""), None, bool(row["is_explicit"]))
        elements.markup(pictures.grid([tile], "The picture to label", columns=1))
    with right, st.form("label", clear_on_submit=True, border=False):
        said = f"Given so far: {', '.join(known)}" if known else None
        label = st.text_input("What is it?", key="label", placeholder="hat, or: not a hat", help=said)
        is_sent = st.form_submit_button("Label, next picture", type="primary")
    if is_sent and label:
        warehouse_file.let_go()  # nobody writes a file that is open for reading
        try:
            add_label(asked.unit_id, picture_id, label, warehouse=warehouse_file.path())
        except ClipWarehouseError as error:
            notices.refused(str(error))
            return
        st.rerun()


def _probabilities(asked: Asked) -> None:
    """P(label | bucket) over the labelled pictures."""
    answer = questions.answer("distribution/label_probabilities", run=asked.run, unit=asked.unit_id)
    with elements.section("P(label | activation)", "by standard deviations", sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.note("Probabilities appear here after the first label.")
            return
        buckets = sorted(answer.rows["deviation_bucket"].unique())
        values = {
            (label, f"{bucket} σ"): share
            for label, bucket, share in answer.rows.select(
                "label_name", "deviation_bucket", "label_probability"
            ).iter_rows()
        }
        elements.markup(
            heat_tables.heat_table(
                values,
                answer.rows["label_name"].unique(maintain_order=True).to_list(),
                [f"{bucket} σ" for bucket in buckets],
                ends=(0.0, 1.0),
                label="Probability of each label by activation",
                is_written=True,
            )
        )


def _page(run: int) -> None:
    asked = _asked(run)
    if asked is None:
        return
    left, right = st.columns([7, 4], gap="medium")
    with left:
        shown = _levels(asked)
        (_above_zero if asked.is_mostly_silent else _buckets)(asked)
    with right:
        _own(asked)
        _labelling(asked, shown)
        _probabilities(asked)


elements.page_head(
    "Activation distribution", "What a unit responds to, from the weakest to the strongest.", models.chosen_label()
)
if runs := models.runs("pictures"):
    _page(runs[-1])
else:
    notices.empty(
        "No pictures have been shown to this model",
        "Pictures by activation level, your own pictures among them, and labels appear here.",
        {"ingest pictures": "The bundled pictures into the bundled model"},
    )
