"""What a unit is, section by section; an empty section names the command that would fill it."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboards.markup import bars, chips, histograms, pictures
from dashboards.markup.histograms import Histogram
from dashboards.markup.naming import Named
from dashboards.markup.numbers import correlation, percent, text
from dashboards.markup.pictures import Tile
from dashboards.reads import models, naming, questions, units, warehouse_file
from dashboards.reads.units import Unit
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column
from warehouse.addresses import branches, output_of
from warehouse.wording import number_of

_TOP_PICTURES, _TOP_WORDS, _NEIGHBOURS = 8, 9, 12
_SAID_CONCEPTS = 5
_MANY_ACTIVATIONS = 2_000_000  # about a fifth of a second
_FEATURE_PX, _GRID_PX, _BRANCH_PX = 336, 112, 150
_SOURCES = {"optimised": "optimised here", "microscope": "OpenAI Microscope"}
_OBJECTIVES = {"channel": "mean over the map", "neuron": "centre position"}
_KINDS = {
    1: "first convolution, before its ReLU",
    3: "second convolution, before its ReLU",
    5: "last convolution, before the addition",
    6: "block output, after the ReLU",
    7: "shortcut of the first bottleneck",
    8: "block output, after the ReLU",
}


def described(unit: Unit) -> str:
    """What kind of unit, in one line."""
    op_index = int(unit.layer_name.rsplit("/", 1)[1])
    block, bottleneck = unit.layer_name.split("/")[:2]
    said = [
        _KINDS.get(op_index, unit.layer_kind),
        f"channel {unit.channel_index} of {unit.channel_count:,}",
        f"block {block}, bottleneck {bottleneck}",
        f"{unit.map_height} × {unit.map_width}",
    ]
    return " · ".join([*said, "read by attention pooling"] if units.is_last(unit) else said)


def feature(unit: Unit) -> None:
    """The unit's feature visualisation, ours before Microscope's; both where both are there."""
    answer = questions.answer("unit/features", runs=units.feature_runs(), unit_id=unit.unit_id)
    rows = answer.rows.unique("source", keep="first", maintain_order=True)
    with elements.section("Feature visualisation", sql=answer.sql, rows=answer.rows):
        if rows.is_empty():
            command = f"ingest features --units {unit.layer_name}"
            notices.missing("Not made yet", command, "cw-square")
            return
        shown = [_feature(row) for row in rows.iter_rows(named=True)]
        elements.markup(f'<div class="cw-features" data-count="{len(shown)}">{"".join(shown)}</div>')


def _feature(row: dict[str, Any]) -> str:
    source = pictures.data_uri(row["image"], _FEATURE_PX)
    said = [_SOURCES.get(row["source"], row["source"]), _OBJECTIVES.get(row["objective"], row["objective"])]
    if row["activation_mean"] is not None:
        said.append(f"activation {text(row['activation_mean'])}")
    return (
        f"<figure>{pictures.picture(source, 'feature visualisation')}"
        f"<figcaption>{escape(' · '.join(said))}</figcaption></figure>"
    )


def top_pictures(unit: Unit) -> None:
    """The pictures with the largest mean activation, the place of each maximum marked."""
    answer = questions.answer(
        "unit/top_pictures", runs=models.runs("pictures"), unit=unit.unit_name, most=_TOP_PICTURES
    )
    rows = answer.rows
    with elements.section("Pictures that drive it most", "square: the maximum", sql=answer.sql, rows=rows):
        if rows.is_empty():
            notices.missing("No pictures shown to this model yet", "ingest pictures", "cw-strip")
            return
        small = units.thumbnails(rows["stimulus_id"], _GRID_PX)
        tiles = [
            Tile(
                small.get(row["stimulus_id"]),
                text(row["activation_mean"]),
                row["caption"] or "",
                (row["max_vertical_position"], row["max_horizontal_position"]),
                row["is_explicit"],
            )
            for row in rows.iter_rows(named=True)
        ]
        elements.markup(pictures.grid(tiles, "Pictures that drive it most", columns=_TOP_PICTURES))


def activations(unit: Unit) -> None:
    """The histogram of the unit's activations on pictures."""
    runs = models.runs("pictures")
    summary = _summary(unit, runs)
    run = summary["run_id"] if summary else max(runs, default=None)
    note = _summarised(summary) if summary else ""
    if summary and histograms.is_mostly_silent(summary["positive_share"]) and _above_zero(unit, run, note):
        return
    answer = questions.answer("unit/activation_histogram", unit=unit.unit_name, run=run)
    with elements.section("Activation over all pictures", note, sql=answer.sql, rows=answer.rows):
        bins = answer.rows
        if bins.is_empty():
            notices.missing("No activations on pictures", "ingest pictures --keep activations", "cw-strip")
            return
        low, high = bins["bin_start"][0], bins["bin_end"][-1]
        counts = bins["picture_count"].to_list()
        drawn = Histogram(counts, zero=-low / (high - low), scale=(text(low), text(high)))
        elements.markup(histograms.histogram(drawn, histograms.second_peak(counts)))


def _above_zero(unit: Unit, run: int | None, note: str) -> bool:
    """For a unit that most pictures leave at zero; False where no kept picture is above it."""
    answer = questions.answer("distribution/above_zero", unit=unit.unit_name, run=run)
    if answer.rows.is_empty():
        return False
    silent, largest = answer.rows.select("silent_count", "largest").row(0)
    with elements.section("Activation over all pictures", note, sql=answer.sql, rows=answer.rows):
        elements.markup(histograms.split_at_zero(silent, answer.rows["picture_count"].to_list(), ("0", text(largest))))
    return True


def _summary(unit: Unit, runs: list[int]) -> dict[str, Any] | None:
    """A summary of the unit's activations in the newest run that kept them."""
    rows = questions.answer("unit/activation_summary", runs=runs, unit=unit.unit_name).rows
    return next(rows.iter_rows(named=True), None)


def _summarised(row: dict[str, Any]) -> str:
    zero = "" if row["positive_share"] is None else f"{percent(1 - row['positive_share'])} ≤ 0 · "
    return f"{number_of(row['picture_count'], 'picture')} · {zero}Laplace scale {text(row['laplace_scale'])}"


def names(unit: Unit) -> None:
    """The unit's name and the runners-up, each with its trust, and the random concept beside."""
    answer = questions.answer("unit/names", runs=models.runs("names"), unit=unit.unit_name)
    if answer.rows.is_empty():
        return
    note = "correlation on pictures that did not name it"
    with elements.section("Name", note, sql=answer.sql, rows=answer.rows):
        rows = list(answer.rows.iter_rows(named=True))
        if rows[0]["held_out_correlation"] is None:
            notices.note("It does not vary over these pictures, so no name fits.")
            return
        said = [
            f"{pictures.word(row['name'], row['is_explicit'])}&nbsp;{correlation(row['held_out_correlation'])}"
            for row in rows
        ]
        random = f"{escape(rows[0]['random_name'])}&nbsp;{correlation(rows[0]['random_correlation'] or 0.0)}"
        others = "".join(f" · {one}" for one in said[1:])
        elements.markup(
            f'<p class="cw-words"><b>{said[0]}</b>{others} <span class="cw-quiet">by chance: {random}</span></p>'
        )


def words(unit: Unit) -> None:
    """The words that drive the unit most, the baseline subtracted."""
    answer = questions.answer("unit/words", runs=models.runs("words"), unit=unit.unit_name, most=_TOP_WORDS)
    rows = answer.rows
    with elements.section("Words that drive it most", "above the baseline", sql=answer.sql, rows=rows):
        if rows.is_empty():
            notices.missing("No words for this layer yet", f"ingest words --layers {unit.layer_name}", "cw-tall")
            return
        driven = [
            (pictures.word(row["word"], row["is_explicit"]), row["activation_difference"])
            for row in rows.iter_rows(named=True)
        ]
        elements.markup(bars.bar_list(driven, "Words that drive it most"))


def says(unit: Unit) -> None:
    """Concepts by what one unit of strength adds to them; only the last output's units have any: they are read last."""
    answer = questions.answer("unit/says", runs=models.runs("logits"), unit=unit.unit_name, most=_SAID_CONCEPTS)
    if answer.rows.is_empty():
        return
    with elements.section("What it says", "whatever drives it", sql=answer.sql, rows=answer.rows):
        rows = [(escape(row["concept"]), row["projection"]) for row in answer.rows.iter_rows(named=True)]
        elements.markup(bars.bar_list(rows, "concepts that the unit says most", digits=1))


def makers(unit: Unit) -> None:
    """The shortcut share as an equation of the two branch units, or the output that the unit is a branch of."""
    answer = questions.answer("unit/shares", runs=models.runs("shares"), unit_id=unit.unit_id)
    pair = branches(unit.unit_name)
    shares = answer.rows
    with elements.section("Who makes it", _share_note(shares) if pair else "", sql=answer.sql, rows=shares):
        if pair is None:
            _part_of(unit)
            return
        share = shares["shortcut_share"][0] if shares.height else None
        both = [units.unit(name) for name in (pair.shortcut, pair.residual)]
        faces = units.faces([branch.unit_id for branch in both if branch], _BRANCH_PX)
        called = naming.names((pair.shortcut, pair.residual))
        parts = [share, None if share is None else 1 - share]
        terms = [
            (part, pictures.picture(faces.get(branch.unit_id), side_px=74), _branch(branch, faces, called))
            for part, branch in zip(parts, both, strict=True)
            if branch
        ]
        elements.markup(bars.equation(terms, ("shortcut", "convolutions")))
        _other_shares(unit, shares)


def _branch(branch: Unit, faces: dict[int, str], called: dict[str, Named]) -> str:
    return chips.unit(branch.unit_name, faces.get(branch.unit_id), called=called.get(branch.unit_name))


def _share_note(shares: pl.DataFrame) -> str:
    if shares.is_empty():
        return ""
    first = shares.row(0, named=True)
    images = f"top {number_of(first['image_count'], 'picture')}"
    return f"{'its feature visualisation' if first['image_source'] == 'features' else images} · {first['definition']}"


def _other_shares(unit: Unit, shares: pl.DataFrame) -> None:
    if shares.is_empty():
        bottleneck = unit.layer_name.rsplit("/", 1)[0]
        notices.missing("Shares not measured yet", f"ingest shares --bottlenecks {bottleneck} --images examples")
        return
    tables.table(
        shares,
        [
            Column("definition", "definition"),
            Column("image_source", "images"),
            Column("image_count", "count", "number"),
            Column("shortcut_share", "shortcut share", "number", lambda share: text(share) or "dead"),
            Column("cosine_similarity", "cosine", "number"),
        ],
        label="Shortcut shares",
        comments=warehouse_file.comments("residual_shares"),
    )


def _part_of(unit: Unit) -> None:
    output = output_of(unit.unit_name)
    if output is None:
        notices.note("A convolution inside the bottleneck: no shortcut reaches it.")
        return
    known = units.unit(output)
    face = units.faces([known.unit_id]).get(known.unit_id) if known else None
    elements.markup(
        f'<div class="cw-equation"><span class="cw-term">{pictures.picture(face, side_px=74)}{chips.unit(output, face)}'
        '</span><span class="cw-share">is the output that it is added into</span></div>'
    )


def quantiles(unit: Unit) -> None:
    """Pictures from each tenth of the unit's activations, the weakest first."""
    answer = questions.answer("unit/quantile_pictures", runs=models.runs("pictures"), unit=unit.unit_name)
    rows = answer.rows
    with elements.section("Pictures by quantile", "each column a tenth", sql=answer.sql, rows=rows):
        if rows.is_empty():
            notices.missing("No activations on pictures", "ingest pictures --keep activations", "cw-strip")
            return
        small = units.thumbnails(rows["stimulus_id"])
        groups = rows.partition_by("quantile_group", maintain_order=True)
        columns = [
            pictures.grid(
                [
                    Tile(small.get(row["stimulus_id"]), "", row["caption"] or "", None, row["is_explicit"])
                    for row in group.iter_rows(named=True)
                ],
                f"tenth {group['quantile_group'][0]}",
                columns=1,
            )
            + f"<small>{text(group['activation_mean'][-1])}</small>"
            for group in groups
        ]
        elements.markup(f'<div class="cw-tenths">{"".join(f"<div>{column}</div>" for column in columns)}</div>')


def neighbours(unit: Unit) -> None:
    """Units of the same layer that respond to the same pictures; only on request if that reads many activations.

    Compared within one run, the newest that kept the unit's activations: means over different picture sets cannot be
    compared.
    """
    summary = _summary(unit, models.runs("pictures")) or {"run_id": None, "kept_picture_count": 0}
    kept = summary["kept_picture_count"]
    values = {"unit": unit.unit_name, "most": _NEIGHBOURS, "run": summary["run_id"]}
    reads_many = kept * unit.channel_count > _MANY_ACTIVATIONS
    rows = pl.DataFrame()
    if kept and (not reads_many or st.session_state.get("compares_many")):
        rows = questions.answer("unit/neighbours", **values).rows
    statement = questions.written("unit/neighbours", **values)
    note = f"correlation over {number_of(kept, 'picture')} of run {summary['run_id']}" if kept else ""
    with elements.section("Neighbours", note, sql=statement, rows=rows):
        if not kept:
            notices.missing("No activations on pictures", "ingest pictures --keep activations", "cw-strip")
        elif reads_many:
            said = f"Compare with the layer: {kept * unit.channel_count:,} activations"
            st.toggle(said, key="compares_many")
        if rows.height:
            elements.markup(_faced(rows))


def _faced(rows: pl.DataFrame) -> str:
    known = units.unit_ids(rows["unit_name"].to_list())
    faces, called = units.faces(known.values(), _BRANCH_PX), naming.names(known)
    cells = [
        f"<li>{pictures.picture(faces.get(known.get(name, 0)))}"
        f"{chips.unit(name, faces.get(known.get(name, 0)), called=called.get(name))}"
        f"<small>{likeness:+.2f}</small></li>"
        for name, likeness in rows.select("unit_name", "correlation").iter_rows()
    ]
    return f'<ul class="cw-grid cw-neighbours">{"".join(cells)}</ul>'
