"""Versatility and bimodality: the article's two histogram grids for any choice, and the whole network at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st

from dashboards.markup import heat_tables, histograms
from dashboards.markup.histograms import Histogram
from dashboards.markup.links import address
from dashboards.markup.numbers import percent, written
from dashboards.reads import models, quantities, questions
from dashboards.widgets import elements, notices, truths
from warehouse import addresses


@dataclass(frozen=True)
class Measure:
    """A statistic of the heat map: its column and its name."""

    column: str
    name: str


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("sarle_median", "Sarle’s coefficient, median"),
        Measure("bimodal_by_dip_share", "share bimodal by the dip test"),
        Measure("zero_density_ratio_median", "density at zero over the higher flank, median"),
        Measure("near_zero_share_mean", "share of contributions near zero"),
        Measure("sign_imbalance_mean", "imbalance of signs"),
        Measure("weight_mean_absolute_mean", "|mean|, average"),
        Measure("weight_magnitude_mean", "magnitude, average"),
        Measure("excess_kurtosis_median", "excess kurtosis, median"),
        Measure("laplace_gain_mean", "Laplace over normal, nats"),
    )
}
_OUTPUTS = ("/6", "/8")
_KNOWN = (quantities.LINEAR, quantities.GATED)  # effects on pictures have no statistics of their own
_BEYOND = 0.02
_BARS_PX = 50
_COLUMNS = 5
_UNIT_HELP = "Its upper layer varies on the right; on the left its channel number is followed down the layers."
_EVERY_HELP = "All layers that were measured, not only the outputs of the bottlenecks."
_CAPTION = "dip p · Sarle · near zero"


@dataclass(frozen=True)
class Weights:
    """One model's two runs: the expanded weights, and the statistics of their contributions."""

    name: str
    weights: int
    contributions: int


@dataclass(frozen=True)
class Asked:
    """What the reader has chosen. unit: the lower unit that stays fixed; upper: the layer that stays fixed."""

    unit: str
    upper: str
    measure: Measure
    is_every_layer: bool

    @property
    def channel(self) -> int:
        last = self.unit.rsplit("/", 1)[-1]
        return int(last) if last.isdigit() else 0


def _verb() -> str:
    return "ingest weights" if quantities.chosen(_KNOWN) is quantities.LINEAR else quantities.MEASURE_GATED


def _trained() -> Weights | None:
    part = quantities.chosen(_KNOWN).part_name
    weights, contributions = models.runs("weights", part), models.runs("contributions", part)
    return Weights(models.chosen_label(), weights[-1], contributions[-1]) if weights and contributions else None


def _control() -> Weights | None:
    """The untrained model of the same name, where the file holds one."""
    part = quantities.chosen(_KNOWN).part_name
    rows = questions.answer("versatility/control", model=models.chosen(), part=part).rows
    latest = dict(rows.select("job_name", "run_id").iter_rows())
    if not {"weights", "contributions"} <= latest.keys():
        return None
    return Weights(f"untrained ({rows['pretrained_tag'][-1]})", latest["weights"], latest["contributions"])


def _controls(pairs: pl.DataFrame) -> Asked:
    lowers = pairs["lower_layer"].unique(maintain_order=True).to_list()
    uppers = pairs["upper_layer"].unique(maintain_order=True).to_list()
    outputs = [layer for layer in lowers if layer.endswith(_OUTPUTS)] or lowers
    parts = st.columns([2, 2, 4, 2, 2], gap="small", vertical_alignment="bottom")
    likely = f"{outputs[len(outputs) // 2]}/2"
    with parts[0]:
        unit = st.text_input("Lower unit", likely, key="unit", bind="query-params", help=_UNIT_HELP)
    with parts[1]:
        upper = st.selectbox("Upper layer", uppers, index=len(uppers) - 1, key="upper", bind="query-params")
    with parts[2]:
        measure = st.selectbox("Statistic of the heat map", list(MEASURES), key="measure", bind="query-params")
    with parts[3]:
        truths.choice(_KNOWN, upper=upper)
    with parts[4]:
        every = st.toggle("Every lower layer", key="every", bind="query-params", help=_EVERY_HELP)
    return Asked(addresses.tidy(unit or likely), upper, MEASURES[measure], every)


def _statistics(run: int, units: list[str], layers: list[str]) -> dict[tuple[str, str], str]:
    """(lower unit, upper layer) -> the line under its histogram."""
    bimodal = questions.answer("versatility/bimodality", run=run, units=units, layers=layers).rows
    versatile = questions.answer("versatility/near_zero", run=run, units=units, layers=layers).rows
    near = {(unit, layer): share for unit, layer, share, _ in versatile.iter_rows()}
    return {
        (unit, layer): f"p {written(dip, '.2f')} · {written(sarle, '.2f')} · {percent(near.get((unit, layer)))}"
        for unit, layer, dip, sarle, _ in bimodal.iter_rows()
    }


def _grids(asked: Asked, model: Weights, who: str) -> None:
    """The article's two grids side by side. who: what is added to their titles."""
    left, right = st.columns(2, gap="medium")
    with left:
        _lower_varies(asked, model, f"The lower unit varies{who}")
    with right:
        _upper_varies(asked, model, f"The upper layer varies{who}")


def _lower_varies(asked: Asked, model: Weights, title: str) -> None:
    """One channel of each lower layer, towards the chosen upper layer."""
    answer = questions.answer(
        "versatility/lower_unit_varies", layer=asked.upper, channel=asked.channel, run=model.weights
    )
    parts = {unit: _counts(part) for (unit,), part in answer.rows.group_by("lower_unit", maintain_order=True)}
    kept = [unit for unit in parts if asked.is_every_layer or unit.rsplit("/", 1)[0].endswith(_OUTPUTS)] or list(parts)
    said = _statistics(model.contributions, kept, [asked.upper])
    drawn = [
        Histogram(parts[unit], f"{unit} →", said.get((unit, asked.upper), "constant"))
        for unit in sorted(kept, key=_place)
    ]
    with elements.section(title, f"→ {asked.upper} · {_CAPTION}", sql=answer.sql, rows=answer.rows):
        _grid(drawn, f"Nothing reaches {asked.upper} with channel {asked.channel}: take another unit or upper layer.")


def _upper_varies(asked: Asked, model: Weights, title: str) -> None:
    """The chosen lower unit, towards each upper layer."""
    answer = questions.answer("versatility/upper_layer_varies", unit=asked.unit, run=model.weights)
    parts = {layer: _counts(part) for (layer,), part in answer.rows.group_by("upper_layer", maintain_order=True)}
    said = _statistics(model.contributions, [asked.unit], list(parts))
    drawn = [
        Histogram(parts[layer], f"→ {layer}", said.get((asked.unit, layer), "constant"))
        for layer in sorted(parts, key=_place)
    ]
    with elements.section(title, f"{asked.unit} → · {_CAPTION}", sql=answer.sql, rows=answer.rows):
        _grid(drawn, f"No contributions of {asked.unit} are stored: take a unit below {asked.upper}.")


def _grid(drawn: list[Histogram], otherwise: str) -> None:
    if drawn:
        elements.markup(histograms.small_multiples(drawn, _COLUMNS, _BARS_PX))
    else:
        notices.note(otherwise)


def _counts(part: pl.DataFrame) -> list[int]:
    return part.sort("bin_index")["contribution_count"].to_list()


def _place(name: str) -> tuple[int, ...]:
    """A unit's or layer's place in the network, from its address."""
    return tuple(int(part) for part in name.split("/"))


def _network(asked: Asked, model: Weights, title: str, ends: tuple[float, float]) -> None:
    """Lower layer x upper layer: one statistic over all lower units."""
    answer = questions.answer("versatility/network", run=model.contributions)
    rows = answer.rows.filter(pl.col(asked.measure.column).is_not_null())
    known = rows["lower_layer"].unique(maintain_order=True).to_list()
    lowers = [layer for layer in known if _is_row(asked, layer)] or known
    uppers = rows["upper_layer"].unique(maintain_order=True).to_list()
    values = {
        (lower, upper): value
        for lower, upper, value in rows.select("lower_layer", "upper_layer", asked.measure.column).iter_rows()
    }
    chosen = (asked.unit.rsplit("/", 1)[0], asked.upper)
    with elements.section(title, asked.measure.name, sql=answer.sql, rows=answer.rows):
        elements.markup(
            heat_tables.heat_table(
                values,
                lowers,
                sorted(uppers, key=_place),
                ends=ends,
                hrefs=_hrefs(asked, values),
                chosen=chosen,
                label=f"{title}: lower layer by upper layer",
            )
        )


def _hrefs(asked: Asked, values: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], str]:
    """Each cell leads to its pair of layers on this page."""
    return {
        (lower, upper): address("versatility", unit=f"{lower}/{asked.channel}", upper=upper, measure=asked.measure.name)
        for lower, upper in values
    }


def _is_row(asked: Asked, layer: str) -> bool:
    return asked.is_every_layer or layer.endswith(_OUTPUTS)


def _ends(asked: Asked, runs: list[Weights]) -> tuple[float, float]:
    """The ends of the colour scale, the same for both networks: a fiftieth of the values lies beyond each end."""
    values = pl.concat(
        [questions.answer("versatility/network", run=model.contributions).rows[asked.measure.column] for model in runs]
    )
    low, high = values.quantile(_BEYOND), values.quantile(1 - _BEYOND)
    return (0.0, 1.0) if low is None or high is None else (float(low), float(high))


def _page(trained: Weights, control: Weights | None) -> None:
    pairs = questions.answer("versatility/layers", run=trained.contributions).rows
    asked = _controls(pairs)
    elements.tab(asked.unit, "Versatility")
    shown = [trained, *([control] if control else [])]
    _grids(asked, trained, "")
    truths.mark(asked.unit.rpartition("/")[0], asked.upper)
    ends = _ends(asked, shown)
    for place, model in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with place:
            _network(asked, model, "The whole network" if model is trained else "The untrained network", ends)
    if control:
        _grids(asked, control, ", untrained")
    else:
        notices.missing(
            "The untrained control appears beside it once the file holds one.",
            f"{_verb()} --model {models.chosen_label().split(' · ')[0]} --pretrained random",
        )


elements.page_head(
    "Versatility and bimodality", "How a unit’s contributions are distributed, layer by layer.", models.chosen_label()
)
if trained := _trained():
    _page(trained, _control())
else:
    notices.empty(
        "No expanded weights have been measured for this model",
        "Each weights run also computes the statistics of contributions.",
        {"ingest weights": "Expanded weights from every layer to the last convolution"},
    )
