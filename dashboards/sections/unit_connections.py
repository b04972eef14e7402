"""What feeds a unit and what it feeds, with kernels and histograms."""

from __future__ import annotations

import math
from functools import partial

import polars as pl
import streamlit as st

from dashboards.markup import chips, histograms, kernels, naming, numbers, pictures
from dashboards.markup.histograms import Histogram
from dashboards.markup.numbers import text
from dashboards.reads import models, quantities, questions, units, warehouse_file
from dashboards.reads import naming as named
from dashboards.reads.units import Kernel, Pair, Unit
from dashboards.widgets import elements, notices, tables, truths
from dashboards.widgets.tables import Column
from warehouse.addresses import branches

_ROWS, _LAYER_PX, _ORDER_PX = 6, 74, 92
_FACE_PX, _KERNEL_PX = 28, 26
_COLUMNS = 8
_ONE_CELL = 1e-5  # relative: weights are float32


def fed_by(unit: Unit) -> None:
    """The strongest contributors from one lower layer; of a block's output, those of its last convolution."""
    upper, lowers = unit, units.measured_layers("unit/lower_layers", unit.layer_id)
    pair = branches(unit.unit_name)
    if not lowers and pair:
        upper = units.unit(pair.residual) or unit
        lowers = units.measured_layers("unit/lower_layers", upper.layer_id)
    note = "" if upper is unit else f"→ {upper.unit_name}"
    _connections("unit/contributors", "Fed by", note, upper, lowers[::-1], "from")


def feeds(unit: Unit) -> None:
    """The strongest targets in one upper layer; for a unit of the last output, what feeds its shortcut."""
    shortcut = _shortcut(unit) if units.is_last(unit) else None
    if shortcut:
        lowers = units.measured_layers("unit/lower_layers", shortcut.layer_id)
        note = f"→ {shortcut.unit_name}"
        _connections("unit/contributors", "Fed earlier", note, shortcut, lowers[::-1], "through")
    else:
        uppers = units.measured_layers("unit/upper_layers", unit.layer_id)
        _connections("unit/targets", "Feeds", "", unit, uppers, "to")


def _shortcut(unit: Unit) -> Unit | None:
    """The last convolution of the bottleneck before, which the unit's shortcut brings."""
    pair = branches(unit.unit_name)
    before = branches(pair.shortcut) if pair else None
    return units.unit(before.residual) if before else None


def _connections(question: str, title: str, note: str, unit: Unit, layers: list[str], parameter: str) -> None:
    is_lower = question == "unit/contributors"
    layer, order = _choice(layers, parameter)
    answer = units.contributions(question, unit.unit_name, layer, order, _ROWS)
    boxes = partial(_choices, layers, parameter) if layers else None
    with elements.section(title, note, sql=answer.sql, rows=answer.rows, controls=boxes):
        if not is_lower and not units.is_read(unit):
            notices.note("No weights lie above: attention pooling reads the last layer.")
        elif is_lower and not units.is_fed(unit):
            notices.note("No layer lies below: the stem feeds it.")
        elif answer.rows.is_empty():
            option = "--upper" if is_lower else "--lower"
            verb = "ingest weights" if quantities.chosen() is quantities.LINEAR else quantities.MEASURE_GATED
            notices.missing("No weights for this layer yet", f"{verb} {option} {unit.layer_name}", "cw-tall")
        else:
            _table(answer.rows, unit, is_lower, title)
            truths.mark(*((layer, unit.layer_name) if is_lower else (unit.layer_name, layer)))
            if is_lower:
                truths.missing(unit.layer_name)


def _choice(layers: list[str], parameter: str) -> tuple[str, str]:
    """Layer and order from the boxes in the heading, before they are drawn."""
    asked = st.session_state.get(parameter, st.query_params.get(parameter))
    order = st.session_state.get(f"{parameter}_by", st.query_params.get(f"{parameter}_by", "magnitude"))
    layer = asked if asked in layers else next(iter(layers), "")
    return layer, order if order in units.ORDERS else "magnitude"


def _choices(layers: list[str], parameter: str) -> None:
    """The boxes in the heading: which layer, and by what the strongest are chosen."""
    boxes = (("Layer", layers, parameter, _LAYER_PX), ("Order", list(units.ORDERS), f"{parameter}_by", _ORDER_PX))
    for label, options, key, width in boxes:
        st.selectbox(label, options, key=key, bind="query-params", label_visibility="collapsed", width=width)


def _table(rows: pl.DataFrame, unit: Unit, is_lower: bool, title: str) -> None:
    quantity = quantities.chosen()
    ids = rows["unit_id"].to_list()
    faces = units.faces(ids)
    names = dict(rows.select("unit_id", "unit_name").iter_rows())
    called = named.names(names.values())
    is_effect = quantity is quantities.EFFECT
    kernel = [] if is_effect else [_kernels(rows, unit, is_lower, names)]
    tables.table(
        rows.with_columns(face=pl.col("unit_id"), kernel=pl.col("unit_id"), chip=pl.col("unit_id")),
        [
            Column("face", "", "tight", draw=lambda one: pictures.picture(faces.get(one), side_px=_FACE_PX)),
            Column("chip", "unit", draw=lambda one: _chip(names[one], faces.get(one), called)),
            Column(quantity.mean, "mean effect" if is_effect else "mean", "number", draw=numbers.signed),
            Column(quantity.size, "mean size" if is_effect else "magnitude", "number"),
            *kernel,
        ],
        label=title,
        comments=warehouse_file.comments("effects_on_pictures" if is_effect else "contributions"),
    )


def _chip(name: str, face: str | None, called: dict[str, naming.Named]) -> str:
    return chips.unit(name, face, called=called.get(name)) + naming.beside(called.get(name))


def _kernels(rows: pl.DataFrame, unit: Unit, is_lower: bool, names: dict[int, str]) -> Column:
    ids = rows["unit_id"].to_list()
    stored = units.kernels(ids, [unit.unit_id]) if is_lower else units.kernels([unit.unit_id], ids)
    stored |= _single_cells(rows, unit, is_lower)

    def kernel(other: int) -> str:
        pair = (other, unit.unit_id) if is_lower else (unit.unit_id, other)
        lower, upper = (names[other], unit.unit_name) if is_lower else (unit.unit_name, names[other])
        if pair in stored:
            return kernels.heat_map(*stored[pair], side_px=_KERNEL_PX, label=f"{lower} to {upper}")
        return kernels.no_heat_map(f"not stored: {warehouse_file.command(f'kernel {lower} {upper}')}", _KERNEL_PX)

    return Column("kernel", "kernel", "tight", draw=kernel)


def _single_cells(rows: pl.DataFrame, unit: Unit, is_lower: bool) -> dict[Pair, Kernel]:
    """(lower unit, upper unit) -> kernel of the pairs whose kernel is a single cell, which need not be stored.

    Only there the mean is as large as the norm.
    """
    return {
        (other, unit.unit_id) if is_lower else (unit.unit_id, other): ([mean], 1, 1)
        for other, mean, magnitude in rows.select("unit_id", "weight_mean", "weight_magnitude").iter_rows()
        if math.isclose(abs(mean), magnitude, rel_tol=_ONE_CELL)
    }


def contribution_histograms(unit: Unit) -> None:
    """The unit's forward contributions, one histogram per layer; for a unit that no layer reads, what feeds it."""
    if units.is_read(unit):
        _histograms(unit.unit_name, "upper_layer", f"ingest weights --lower {unit.layer_name}")
    else:
        pair = branches(unit.unit_name)
        _backward(pair.residual if pair else unit.unit_name)


def _backward(unit_name: str) -> None:
    """What feeds a unit from the nearest blocks' outputs, a row of them."""
    known = units.unit(unit_name)
    lowers = units.measured_layers("unit/lower_layers", known.layer_id) if known else []
    outputs = [name for name in lowers if name.endswith(units.OUTPUTS)] or lowers
    command = f"ingest weights --upper {unit_name.rpartition('/')[0]}"
    _histograms(unit_name, "lower_layer", command, layers=outputs[-_COLUMNS:])


def _histograms(unit_name: str, other: str, command: str, **chosen: list[str]) -> None:
    """One histogram per layer, with the measures of bimodality. other: the column of the layers that vary; command:
    what would fill it; chosen: further parameters of the statement."""
    is_forward = other == "upper_layer"
    question = "unit/forward_histograms" if is_forward else "unit/backward_histograms"
    answers = [questions.answer(question, unit=unit_name, run=run, **chosen) for run in _runs("weights")]
    filled = [answer for answer in answers if answer.rows.height]
    rows = pl.concat([answer.rows for answer in filled]) if filled else pl.DataFrame()
    shown_sql = ";\n\n".join(answer.sql for answer in filled or answers[:1]) or questions.written(question)
    gated = "gated " if quantities.chosen().part_name else ""
    note = f"share of each layer's units by mean {gated}weight · dip p · Sarle · density at zero"
    way = "Forward contributions of" if is_forward else "Backward contributions into"
    with elements.section(f"{way} {unit_name}, layer by layer", note if filled else "", sql=shown_sql, rows=rows):
        if not filled:
            notices.missing("No weights of this layer yet", command, "cw-strip")
            return
        drawn = _in_order(rows, other, _statistics(unit_name, "forward" if is_forward else "backward"))
        elements.markup(histograms.small_multiples(drawn, _COLUMNS))


def _runs(job_name: str) -> list[int]:
    """The runs of the chosen quantity; effects on pictures stand beside the gated weights of their run."""
    return models.runs(job_name, quantities.chosen().part_name)


def _statistics(unit_name: str, direction: str) -> dict[str, str]:
    runs = _runs("contributions")
    rows = questions.answer("unit/bimodality", runs=runs, unit=unit_name, direction=direction).rows
    return {
        row["other_layer"]: " · ".join(
            numbers.written(row[name], ".2f") for name in ("dip_p_value", "sarle_coefficient", "zero_density_ratio")
        )
        for row in rows.iter_rows(named=True)
    }


def _in_order(rows: pl.DataFrame, other: str, statistics: dict[str, str]) -> list[Histogram]:
    """One histogram per layer, in running order."""
    order = {name: index for index, name in enumerate(units.layers()["layer_name"])}
    parts = rows.partition_by(other, as_dict=True, maintain_order=True)
    return [
        Histogram(
            part["contribution_count"].to_list(),
            f"→ {name}" if other == "upper_layer" else f"{name} →",
            statistics.get(name, ""),
            scale=(f"−{text(part['bin_end'][-1])}", text(part["bin_end"][-1])),
        )
        for (name,), part in sorted(parts.items(), key=lambda item: order[str(item[0][0])])
    ]
