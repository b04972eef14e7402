"""How true: what expanded weights predict, compared with what the network really does, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from dashboards.markup import heat_tables, numbers, scatter
from dashboards.markup.links import address
from dashboards.markup.scatter import Point
from dashboards.reads import models, questions
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column
from warehouse.wording import number_of

_POINTS = 400
_PLOT_PX = 300
_MANY_UPPERS = 6  # wider heat maps stand two in a row
KINDS = {"linear": "every ReLU open", "gated": "each picture’s own gates"}
_ENDS = (0.0, 1.0)
_MEASURES = {
    "correlation": "correlation with real",
    "slope": "slope, real on predicted",
    "sign_share": "share of signs right",
    "size_ratio": "size, predicted / real",
}


def _layers(pairs: pl.DataFrame) -> tuple[list[str], list[str]]:
    """Lower layers in the order of the rows, upper ones in running order."""
    lowers = pairs["lower_layer"].unique(maintain_order=True).to_list()
    return lowers, sorted(pairs["upper_layer"].unique(), key=lambda name: tuple(map(int, name.split("/"))))


def _chosen(pairs: pl.DataFrame) -> tuple[str, str]:
    """The pair of layers in the address; else the lowest layer into the highest, where gates matter most."""
    asked = st.query_params.get("lower"), st.query_params.get("upper")
    known = pairs.select("lower_layer", "upper_layer").rows()
    last = _layers(pairs)[1][-1]
    return next((pair for pair in known if pair == asked), next(pair for pair in known if pair[1] == last))


def _maps(shown: Mapping[str, pl.DataFrame], chosen: tuple[str, str]) -> None:
    """A heat map of correlations for each kind of prediction, of the trained network and of the untrained."""
    drawn = [(kind, name, pairs) for name, pairs in shown.items() for kind in KINDS]
    is_wide = any(pairs["upper_layer"].n_unique() > _MANY_UPPERS for pairs in shown.values())
    columns = 2 if is_wide else len(drawn)
    for start in range(0, len(drawn), columns):
        for place, (kind, name, pairs) in zip(
            st.columns(columns, gap="medium"), drawn[start : start + columns], strict=True
        ):
            with place:
                _map(kind, name, pairs, chosen)


def _map(kind: str, name: str, pairs: pl.DataFrame, chosen: tuple[str, str]) -> None:
    rows = pairs.select("lower_layer", "upper_layer", f"{kind}_correlation").drop_nulls()
    values = {(lower, upper): value for lower, upper, value in rows.iter_rows()}
    lowers, uppers = _layers(pairs)
    title = f"{kind.capitalize()}{', untrained' if name == _UNTRAINED else ''}"
    sql = questions.written("how_true/pairs", model=_model_of[name])
    with elements.section(title, KINDS[kind], sql=sql, rows=pairs):
        elements.markup(
            heat_tables.heat_table(
                values,
                lowers,
                uppers,
                ends=_ENDS,
                hrefs={pair: address("how_true", lower=pair[0], upper=pair[1]) for pair in values},
                chosen=chosen,
                label=f"{title}: correlation of predicted and real effects, lower layer by upper layer",
                is_written=len(uppers) <= _MANY_UPPERS,
            )
        )


def _pair(pairs: pl.DataFrame, control: pl.DataFrame | None, chosen: tuple[str, str]) -> None:
    """One pair of layers: its figures, and predicted against real effects."""
    lower, upper = chosen
    (row,) = _of_pair(pairs, chosen).iter_rows(named=True)
    answer = questions.answer("how_true/connections", run=row["run_id"], lower=lower, upper=upper, most=_POINTS)
    widths = [32, 34, 34] if control is None else [38, 31, 31]  # the control adds two columns of figures
    figures, linear, gated = st.columns(widths, gap="medium")
    with figures:
        sql = questions.written("how_true/pairs", model=models.chosen())
        replaced = number_of(row["lower_unit_count"], "lower unit")
        said = f"{number_of(row['picture_count'], 'picture')} · {replaced} replaced"
        with elements.section(f"{lower} → {upper}", said, sql=sql, rows=_of_pair(pairs, chosen)):
            _figures(row, control, chosen)
    for place, kind in ((linear, "linear"), (gated, "gated")):
        with place:
            note = f"{number_of(answer.rows.height, 'connection')} · average over pictures"
            with elements.section(f"{kind.capitalize()} against real", note, sql=answer.sql, rows=answer.rows):
                _scatter(answer.rows, kind, upper)


def _figures(row: dict[str, float | None], control: pl.DataFrame | None, chosen: tuple[str, str]) -> None:
    others = _of_pair(control, chosen).rows(named=True) if control is not None else []
    table = [
        {
            "measure": said,
            "linear": row[f"linear_{measure}"],
            "gated": row[f"gated_{measure}"],
            "untrained_linear": others[0][f"linear_{measure}"] if others else None,
            "untrained_gated": others[0][f"gated_{measure}"] if others else None,
        }
        for measure, said in _MEASURES.items()
    ]
    columns = [
        Column("measure", "", "quiet"),
        Column("linear", "linear", "number", _short),
        Column("gated", "gated", "number", _short),
    ]
    if others:
        columns += [
            Column("untrained_linear", "untrained", "number", _short),
            Column("untrained_gated", "gated", "number", _short),
        ]
    tables.table(pl.DataFrame(table), columns, label="How true: figures of one pair of layers")


def _short(value: float | None) -> str:
    """Three digits; a power of ten where that would be long, as slopes and sizes of linear predictions are."""
    is_long = value is not None and value != 0 and not 1e-3 <= abs(value) < 1e5
    return numbers.written(value, ".0e") if is_long else numbers.text(value)


def _scatter(rows: pl.DataFrame, kind: str, upper: str) -> None:
    predicted, real = rows[f"{kind}_effect_mean"], rows["real_effect_mean"]
    points = [
        Point(
            x,
            y,
            f"{lower_unit} → {upper_unit}: predicted {numbers.text(x)}, really {numbers.text(y)}",
            address("unit", unit=lower_unit, to=upper),
        )
        for lower_unit, upper_unit, x, y in zip(rows["lower_unit"], rows["upper_unit"], predicted, real, strict=True)
    ]
    across = scatter.axis("predicted effect →", predicted.to_list())
    elements.markup(scatter.plot(points, across, scatter.axis("↑ real effect", real.to_list()), height_px=_PLOT_PX))


def _of_pair(pairs: pl.DataFrame, chosen: tuple[str, str]) -> pl.DataFrame:
    return pairs.filter(pl.col("lower_layer") == chosen[0], pl.col("upper_layer") == chosen[1])


_TRAINED, _UNTRAINED = "trained", "untrained"
_model_of: dict[str, int | None] = {_TRAINED: models.chosen(), _UNTRAINED: None}
elements.page_head(
    "How true",
    "What replacing a lower unit does to upper ones: predicted, and in the real network.",
    models.chosen_label(),
)
pairs = questions.answer("how_true/pairs", model=models.chosen()).rows
if pairs.is_empty():
    notices.empty(
        "No effects have been measured for this model",
        "Lower units are replaced on pictures that were ingested before. A few pairs of layers already tell most.",
        {
            "ingest pictures": "Pictures, if there are none yet",
            f"ingest effects --lower 4/1/6,3/5/6,2/3/6{models.options()}": "What replacing units changes above",
        },
    )
else:
    shown = {_TRAINED: pairs}
    untrained = questions.answer("how_true/control", model=models.chosen()).rows
    if untrained.height:
        _model_of[_UNTRAINED] = untrained["model_id"][0]
        shown[_UNTRAINED] = questions.answer("how_true/pairs", model=_model_of[_UNTRAINED]).rows
    chosen = _chosen(pairs)
    elements.tab(" → ".join(chosen), "How true")
    _maps(shown, chosen)
    _pair(pairs, shown.get(_UNTRAINED), chosen)
    if _UNTRAINED not in shown:
        name = models.chosen_label().split(" · ")[0]
        notices.missing(
            "The untrained control appears beside it once the file holds one.",
            f"ingest effects --model {name} --pretrained random",
        )
