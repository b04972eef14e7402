"""The lower sections of the unit page: what feeds the unit and what it feeds, with kernels and histograms."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboards import chips, drawings, elements, models, pictures, reads, unit_reads
from dashboards.addresses import branches
from dashboards.drawings import Histogram
from dashboards.elements import Column, text
from dashboards.unit_reads import Unit

_ROWS, _BOX_PX = 6, 92
_FACE_PX, _KERNEL_PX = 28, 26
_COLUMNS = 8
ORDERS = {
    "magnitude": "weight_magnitude",
    "mean": "abs(weight_mean)",
    "excitatory": "weight_mean",
    "inhibitory": "-weight_mean",
}


def fed_by(unit: Unit) -> None:
    """The strongest contributors from one lower layer; of a block's output, those of its last convolution."""
    upper, lowers = unit, unit_reads.measured_layers(unit_reads.LOWER_LAYERS, unit.layer_id)
    pair = branches(unit.unit_name)
    if not lowers and pair:
        upper = unit_reads.unit(pair.residual) or unit
        lowers = unit_reads.measured_layers(unit_reads.LOWER_LAYERS, upper.layer_id)
    note = "" if upper is unit else f"into {upper.unit_name}"
    _connections(unit_reads.CONTRIBUTORS, "Fed by", note, upper, lowers[::-1], "from")


def feeds(unit: Unit) -> None:
    """The strongest targets in one upper layer."""
    uppers = unit_reads.measured_layers(unit_reads.UPPER_LAYERS, unit.layer_id)
    _connections(unit_reads.TARGETS, "Feeds", "", unit, uppers, "to")


def _connections(sql: str, title: str, note: str, unit: Unit, layers: list[str], parameter: str) -> None:
    is_lower = sql is unit_reads.CONTRIBUTORS
    layer, order = _choice(layers, parameter)
    answer = unit_reads.contributions(sql, unit.unit_name, layer, ORDERS[order], _ROWS)
    boxes = partial(_choices, layers, parameter) if layers else None
    with elements.section(title, note, sql=answer.sql, rows=answer.rows, controls=boxes):
        if not is_lower and not layers and unit.layer_name == unit_reads.layers()["layer_name"][-1]:
            elements.note("The last layer: attention pooling reads it.")
        elif answer.rows.is_empty():
            option = "--upper" if is_lower else "--lower"
            elements.missing("No weights for this layer yet", f"ingest weights {option} {unit.layer_name}", "cw-tall")
        else:
            _table(answer.rows, unit, is_lower, title)


def _choice(layers: list[str], parameter: str) -> tuple[str, str]:
    """What the boxes under the table say, before they are drawn: layer and order."""
    asked = st.session_state.get(parameter, st.query_params.get(parameter))
    order = st.session_state.get(f"{parameter}_by", st.query_params.get(f"{parameter}_by", "magnitude"))
    layer = asked if asked in layers else next(iter(layers), "")
    return layer, order if order in ORDERS else "magnitude"


def _choices(layers: list[str], parameter: str) -> None:
    """The boxes in the heading: which layer, and by what the strongest are chosen."""
    for label, options, key in (("Layer", layers, parameter), ("Order", list(ORDERS), f"{parameter}_by")):
        st.selectbox(label, options, key=key, bind="query-params", label_visibility="collapsed", width=_BOX_PX)


def _table(found: pl.DataFrame, unit: Unit, is_lower: bool, title: str) -> None:
    ids = found["unit_id"].to_list()
    faces = unit_reads.faces(ids)
    stored = unit_reads.kernels(ids, [unit.unit_id]) if is_lower else unit_reads.kernels([unit.unit_id], ids)
    names = dict(found.select("unit_id", "unit_name").iter_rows())

    def kernel(other: int) -> str:
        pair = (other, unit.unit_id) if is_lower else (unit.unit_id, other)
        if pair in stored:
            return drawings.heat_map(
                *stored[pair], side_px=_KERNEL_PX, label=f"{names[pair[0]] if is_lower else unit.unit_name}"
            )
        lower, upper = (names[other], unit.unit_name) if is_lower else (unit.unit_name, names[other])
        return drawings.no_heat_map(f"not stored: clip-warehouse kernel {lower} {upper}", _KERNEL_PX)

    elements.table(
        found.with_columns(face=pl.col("unit_id"), kernel=pl.col("unit_id"), chip=pl.col("unit_id")),
        [
            Column("face", "", "tight", draw=lambda one: pictures.picture(faces.get(one), side_px=_FACE_PX)),
            Column("chip", "unit", draw=lambda one: chips.unit(names[one], faces.get(one))),
            Column("weight_mean", "mean", "number", draw=drawings.signed),
            Column("weight_magnitude", "magnitude", "number"),
            Column("kernel", "kernel", "tight", draw=kernel),
        ],
        label=title,
        comments=reads.comments("contributions"),
    )


def histograms(unit: Unit) -> None:
    """The unit's forward contributions, one histogram an upper layer, with the measures of bimodality."""
    runs = models.runs("weights")
    answers = [reads.answer(unit_reads.HISTOGRAMS, unit=unit.unit_name, run=run) for run in runs]
    filled = [answer for answer in answers if answer.rows.height]
    rows = pl.concat([answer.rows for answer in filled]) if filled else pl.DataFrame()
    sql = "\nunion all\n".join(answer.sql.split("\norder by")[0] for answer in filled) if len(filled) > 1 else ""
    note = "share of each layer's units by mean weight · dip p · Sarle · density at zero"
    title = f"Forward contributions of {unit.unit_name}, layer by layer"
    shown_sql = sql or (filled or answers)[0].sql if answers else unit_reads.HISTOGRAMS
    with elements.section(title, note if filled else "", sql=shown_sql, rows=rows):
        if not filled:
            elements.missing("No weights from this layer yet", f"ingest weights --lower {unit.layer_name}", "cw-strip")
            return
        elements.markup(drawings.small_multiples(_in_order(rows, _statistics(unit)), _COLUMNS))


def _statistics(unit: Unit) -> dict[str, str]:
    found = reads.answer(unit_reads.BIMODALITY, runs=models.runs("contributions"), unit=unit.unit_name).rows
    return {
        row["other_layer"]: " · ".join(
            "–" if row[name] is None else f"{row[name]:.2f}"
            for name in ("dip_p_value", "sarle_coefficient", "zero_density_ratio")
        )
        for row in found.iter_rows(named=True)
    }


def _in_order(rows: pl.DataFrame, statistics: dict[str, str]) -> list[Histogram]:
    """One histogram a layer in running order, the nearest layer first."""
    order = {name: index for index, name in enumerate(unit_reads.layers()["layer_name"])}
    parts = rows.partition_by("upper_layer", as_dict=True, maintain_order=True)
    return [
        Histogram(
            part["contribution_count"].to_list(),
            f"→ {name}",
            statistics.get(name, ""),
            scale=(f"−{text(part['bin_end'][-1])}", text(part["bin_end"][-1])),
        )
        for (name,), part in sorted(parts.items(), key=lambda item: order[str(item[0][0])])
    ]
