"""What is known of units: one function a question, each with the statement that pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from dashboards.markup import pictures
from dashboards.reads import models, questions
from dashboards.reads.questions import Answer

UNIT = """select unit_id, unit_name, layer_id, layer_name, channel_index, layer_kind, channel_count, map_height,
    map_width, batch_norm_scale, microscope_url
from unit_details
where model_id = $model_id and unit_name = $unit"""
UNIT_IDS = "select unit_name, unit_id from unit_details where model_id = $model_id and unit_name in $units"
LAYERS = """select layer_id, layer_name, layer_order, op_index, layer_kind, channel_count
from layer_details
where model_id = $model_id
order by layer_order"""
FEATURES = """select source, objective, image, activation_mean, activation_max, error_message
from feature_visualizations
where run_id in $runs and unit_id = $unit_id and image is not null
order by source desc, run_id desc"""
FACES = """with features as (
    select unit_id, max_by(image, run_id) as image
    from feature_visualizations
    where run_id in $feature_runs and unit_id in $unit_ids and image is not null
    group by unit_id
),

firsts as (
    select top_examples.unit_id, max_by(thumbnails.thumbnail, top_examples.run_id) as image
    from top_examples
    inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
    inner join thumbnails on top_examples.stimulus_id = thumbnails.stimulus_id
    where top_examples.run_id in $picture_runs and top_examples.unit_id in $unit_ids and example_rank = 1
        and not stimuli.is_explicit
    group by top_examples.unit_id
)

select coalesce(features.unit_id, firsts.unit_id) as unit_id, features.image as feature, firsts.image as top_picture
from features
full join firsts on features.unit_id = firsts.unit_id"""
TOP_PICTURES = """select example_rank, stimulus_id, caption, activation_mean, activation_max,
    max_vertical_position, max_horizontal_position, is_explicit
from all_runs.unit_top_pictures
where run_id in $runs and unit_name = $unit and example_rank <= $most
order by example_rank"""
QUANTILE_PICTURES = """select quantile_group, picture_index, stimulus_id, caption, activation_mean, is_explicit
from all_runs.unit_quantile_pictures
where run_id in $runs and unit_name = $unit
order by quantile_group, picture_index"""
THUMBNAILS = "select stimulus_id, thumbnail from thumbnails where stimulus_id in $stimulus_ids"
ACTIVATION_HISTOGRAM = """select bin_index, bin_start, bin_end, picture_count
from activation_histogram($unit, $run)
order by bin_index"""
ACTIVATION_SUMMARY = """select run_id, picture_count, kept_picture_count, positive_share, laplace_scale,
    activation_median, activation_largest
from all_runs.unit_activation_summary
where run_id in $runs and unit_name = $unit
order by run_id desc"""
WORDS = """select word_rank, word, activation_difference, activation_mean, is_explicit
from all_runs.unit_top_words
where run_id in $runs and unit_name = $unit and word_rank <= $most
order by word_rank"""
SHARES = """select unit_id, definition, image_source, image_count, shortcut_share, shortcut_share_deviation,
    cosine_similarity
from residual_shares
where run_id in $runs and unit_id = $unit_id
order by definition, image_source desc"""
LOWER_LAYERS = "select lower_layer_id as layer_id from layer_pairs where run_id in $runs and upper_layer_id = $layer_id"
UPPER_LAYERS = "select upper_layer_id as layer_id from layer_pairs where run_id in $runs and lower_layer_id = $layer_id"
CONTRIBUTORS = """select run_id, lower_unit as unit_name, lower_unit_id as unit_id, weight_mean, weight_magnitude
from all_runs.backward_contributions
where run_id in $runs and upper_unit = $unit and lower_layer = $layer
order by {order} desc
limit $most"""
TARGETS = """select run_id, upper_unit as unit_name, upper_unit_id as unit_id, weight_mean, weight_magnitude
from all_runs.forward_contributions
where run_id in $runs and lower_unit = $unit and upper_layer = $layer
order by {order} desc
limit $most"""
# A range beside the list, which alone does not keep DuckDB from reading every kernel of the row group.
KERNELS = """select lower_unit_id, upper_unit_id, kernel_height, kernel_width, kernel
from expanded_weight_kernels
where run_id in $runs and lower_unit_id in $lower_ids and upper_unit_id in $upper_ids
    and lower_unit_id between $lowest and $highest"""
HISTOGRAMS = """select upper_layer, bin_index, bin_start, bin_end, contribution_count
from forward_histograms($unit, $run)
order by upper_layer, bin_index"""
BACKWARD_HISTOGRAMS = """select lower_layer, bin_index, bin_start, bin_end, contribution_count
from backward_histograms($unit, $run)
where lower_layer in $layers
order by lower_layer, bin_index"""
BIMODALITY = """select other_layer, sarle_coefficient, dip_p_value, zero_density_ratio
from all_runs.unit_bimodality
where run_id in $runs and direction = $direction and unit_name = $unit"""
NEIGHBOURS = """select neighbour_rank, unit_name, correlation, picture_count
from unit_neighbours($unit, $most, $run)
order by neighbour_rank"""

_HOVER_PX = 176
OUTPUTS = ("/6", "/8")  # how the address of a block's output ends, definitions.md section 1
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
    found = questions.answer(UNIT, model_id=models.chosen(), unit=unit_name).rows
    return Unit(**found.row(0, named=True)) if found.height else None


def unit_ids(unit_names: Sequence[str]) -> dict[str, int]:
    """Address -> unit_id of the chosen model."""
    return dict(questions.answer(UNIT_IDS, model_id=models.chosen(), units=list(unit_names)).rows.iter_rows())


def layers() -> pl.DataFrame:
    """The chosen model's layers in running order."""
    return questions.answer(LAYERS, model_id=models.chosen()).rows


def is_last(unit: Unit) -> bool:
    """Whether the unit's layer is the model's last, which attention pooling reads."""
    return unit.layer_name == layers()["layer_name"][-1]


def is_read(unit: Unit) -> bool:
    """Whether a layer reads the unit's by weights: the last bottleneck's output only adds its last convolution."""
    above = layers().filter(pl.col("layer_order") > layers().filter(layer_id=unit.layer_id)["layer_order"][0])
    bottleneck = unit.layer_name.rpartition("/")[0]
    own_outputs = [bottleneck + end for end in OUTPUTS]
    return not above["layer_name"].is_in(own_outputs).all()


def is_fed(unit: Unit) -> bool:
    """Whether a layer lies below the unit's: only the stem feeds the first convolution and the first shortcut."""
    first = layers()["layer_name"][0].rpartition("/")[0]
    bottleneck, _, op_index = unit.layer_name.rpartition("/")
    return bottleneck != first or int(op_index) not in _FED_FROM_BELOW


def measured_layers(sql: str, layer_id: int) -> list[str]:
    """Names of the layers that a layer has weights with, in running order. sql: LOWER_LAYERS or UPPER_LAYERS."""
    known = questions.answer(sql, runs=models.runs("weights"), layer_id=layer_id).rows["layer_id"].to_list()
    return layers().filter(pl.col("layer_id").is_in(known))["layer_name"].to_list()


def contributions(sql: str, unit_name: str, layer_name: str, order: str, most: int) -> Answer:
    """The strongest contributors or targets. sql: CONTRIBUTORS or TARGETS; order: an expression of their columns."""
    return questions.answer(
        sql.format(order=order), runs=models.runs("weights"), unit=unit_name, layer=layer_name, most=most
    )


def kernels(lower_ids: Sequence[int], upper_ids: Sequence[int]) -> dict[Pair, Kernel]:
    """(lower unit, upper unit) -> (kernel row by row, height, width) of the pairs whose kernel is stored."""
    lowest, highest = min(lower_ids, default=0), max(lower_ids, default=0)
    found = questions.answer(
        KERNELS,
        runs=models.runs("weights"),
        lower_ids=lower_ids,
        upper_ids=upper_ids,
        lowest=lowest,
        highest=highest,
    ).rows
    return {
        (row["lower_unit_id"], row["upper_unit_id"]): (row["kernel"], row["kernel_height"], row["kernel_width"])
        for row in found.iter_rows(named=True)
    }


def thumbnails(stimulus_ids: Iterable[int], side_px: int = 112) -> dict[int, str | None]:
    """stimulus_id -> its small copy as a data URI."""
    asked = sorted(set(stimulus_ids))
    if not asked:
        return {}
    found = questions.answer(THUMBNAILS, stimulus_ids=asked).rows
    return {stimulus_id: pictures.data_uri(image, side_px) for stimulus_id, image in found.iter_rows()}


def faces(unit_ids: Iterable[int], side_px: int = _HOVER_PX) -> dict[int, str]:
    """unit_id -> the picture that stands for the unit: its feature visualisation, else its top picture.

    An explicit top picture never stands for a unit, as it would be seen unasked.
    """
    found = questions.answer(
        FACES, feature_runs=feature_runs(), picture_runs=models.runs("pictures"), unit_ids=sorted(set(unit_ids))
    ).rows
    shown = {
        unit_id: pictures.data_uri(feature, side_px) or pictures.data_uri(top_picture, side_px)
        for unit_id, feature, top_picture in found.iter_rows()
    }
    return {unit_id: uri for unit_id, uri in shown.items() if uri}


def feature_runs() -> list[int]:
    """The runs that made or fetched feature visualisations of the chosen model."""
    return models.runs("features") + models.runs("microscope")
