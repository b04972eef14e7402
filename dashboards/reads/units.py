"""What is known about units: one function per question, each with the statement that pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from dashboards.markup import pictures
from dashboards.reads import models, quantities, questions
from dashboards.reads.questions import Answer

_HOVER_PX = 176
ORDERS = ("magnitude", "mean", "excitatory", "inhibitory")  # by what the strongest are chosen
OUTPUTS = ("/6", "/8")  # how the address of a block's output ends, definitions.md section 1
_BY_EFFECT = {
    "unit/contributors": "unit/contributors_by_effect",
    "unit/targets": "unit/targets_by_effect",
}
_FED_FROM_BELOW = (1, 7)  # indices that the layer below a bottleneck feeds

Pair = tuple[int, int]
Kernel = tuple[list[float], int, int]


@dataclass(frozen=True)
class Unit:
    """A unit that the file knows: the row of unit_details."""

    unit_id: int
    unit_name: str
    layer_id: int
    layer_name: str
    channel_index: int
    layer_kind: str
    channel_count: int
    map_height: int
    map_width: int
    batch_norm_scale: float
    microscope_url: str | None


def unit(unit_name: str) -> Unit | None:
    """The chosen model's unit of this address; None when it has none."""
    rows = questions.answer("unit/unit", model_id=models.chosen(), unit=unit_name).rows
    return Unit(**rows.row(0, named=True)) if rows.height else None


def unit_ids(unit_names: Sequence[str]) -> dict[str, int]:
    """Address -> unit_id of the chosen model."""
    return dict(questions.answer("unit/unit_ids", model_id=models.chosen(), units=list(unit_names)).rows.iter_rows())


def layers() -> pl.DataFrame:
    """The chosen model's layers in running order."""
    return questions.answer("unit/layers", model_id=models.chosen()).rows


def is_last(unit: Unit) -> bool:
    """Whether the unit's layer is the model's last, which attention pooling reads."""
    return bool(unit.layer_name == layers()["layer_name"][-1])


def is_read(unit: Unit) -> bool:
    """Whether a layer above has weights on the unit. The last convolution is only added into its block's output."""
    above = layers().filter(pl.col("layer_order") > layers().filter(layer_id=unit.layer_id)["layer_order"][0])
    bottleneck = unit.layer_name.rpartition("/")[0]
    own_outputs = [bottleneck + end for end in OUTPUTS]
    return not above["layer_name"].is_in(own_outputs).all()


def is_fed(unit: Unit) -> bool:
    """Whether a layer lies below the unit's layer: only the stem feeds the first convolution and the first shortcut."""
    first = layers()["layer_name"][0].rpartition("/")[0]
    bottleneck, _, op_index = unit.layer_name.rpartition("/")
    return bottleneck != first or int(op_index) not in _FED_FROM_BELOW


def measured_layers(question: str, layer_id: int) -> list[str]:
    """The layers that the chosen quantity connects with a layer, in running order.

    question: unit/lower_layers, unit/upper_layers.
    """
    runs = quantities.runs(quantities.chosen())
    known = questions.answer(question, runs=runs, layer_id=layer_id).rows["layer_id"].to_list()
    return layers().filter(pl.col("layer_id").is_in(known))["layer_name"].to_list()


def contributions(question: str, unit_name: str, layer_name: str, order: str, most: int) -> Answer:
    """The strongest contributors or targets by the chosen quantity.

    question: unit/contributors or unit/targets; order: one of ORDERS.
    """
    quantity = quantities.chosen()
    runs = quantities.runs(quantity)
    question = _BY_EFFECT[question] if quantity is quantities.EFFECT else question
    return questions.answer(question, runs=runs, unit=unit_name, layer=layer_name, order=order, most=most)


def kernels(lower_ids: Sequence[int], upper_ids: Sequence[int]) -> dict[Pair, Kernel]:
    """(lower unit, upper unit) -> (kernel row by row, height, width) of the pairs whose kernel is stored."""
    lowest, highest = min(lower_ids, default=0), max(lower_ids, default=0)
    rows = questions.answer(
        "unit/kernels",
        runs=quantities.runs(quantities.chosen()),
        lower_ids=lower_ids,
        upper_ids=upper_ids,
        lowest=lowest,
        highest=highest,
    ).rows
    return {
        (row["lower_unit_id"], row["upper_unit_id"]): (row["kernel"], row["kernel_height"], row["kernel_width"])
        for row in rows.iter_rows(named=True)
    }


def thumbnails(stimulus_ids: Iterable[int], side_px: int = 112) -> dict[int, str | None]:
    """stimulus_id -> its small copy as a data URI."""
    asked = sorted(set(stimulus_ids))
    if not asked:
        return {}
    rows = questions.answer("unit/thumbnails", stimulus_ids=asked).rows
    return {stimulus_id: pictures.data_uri(image, side_px) for stimulus_id, image in rows.iter_rows()}


def faces(unit_ids: Iterable[int], side_px: int = _HOVER_PX, *, model_id: int | None = None) -> dict[int, str]:
    """unit_id -> the picture that stands for the unit: its feature visualisation, else its top picture.

    model_id: another model than the chosen one.

    An explicit top picture never stands for a unit, because it would be shown unasked.
    """
    rows = questions.answer(
        "unit/faces",
        feature_runs=feature_runs(model_id),
        picture_runs=models.runs("pictures", model_id=model_id),
        unit_ids=sorted(set(unit_ids)),
    ).rows
    shown = {
        unit_id: pictures.data_uri(feature, side_px) or pictures.data_uri(top_picture, side_px)
        for unit_id, feature, top_picture in rows.iter_rows()
    }
    return {unit_id: uri for unit_id, uri in shown.items() if uri}


def feature_runs(model_id: int | None = None) -> list[int]:
    """The runs that made or fetched feature visualisations of the chosen model, or of another."""
    return models.runs("features", model_id=model_id) + models.runs("microscope", model_id=model_id)
