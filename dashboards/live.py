"""The one door from pages to ingest: everything that a page runs through a model now.

The functions import ingest inside, so that a page without a live question starts without torch.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import streamlit as st
from PIL import Image

from dashboards.reads import questions, warehouse_file
from warehouse.errors import InputError, UnknownUnit

if TYPE_CHECKING:
    from ingest.explanations.job import ExplainJob
    from ingest.network.model import ClipModel
    from ingest.network.text_side import TextSide
    from ingest.stimuli.texts import RasterSettings

_KEPT_MODELS = 2
_KEPT_PROBES = 200
_KEPT_PICTURES = 50


@dataclass(frozen=True)
class _Recorded:
    """What a run's model and arithmetic were; settings: the run's, as JSON."""

    model_name: str
    pretrained_tag: str
    weights_sha256: str
    settings: str
    dtype: str


@dataclass(frozen=True)
class Probe:
    """Two texts shown to a model now.

    rows: unit_name, first_activation_mean, second_activation_mean, activation_difference, activation_minimum of one
    layer. images: the two pictures that the model saw, PNG.
    """

    rows: pl.DataFrame
    images: tuple[bytes, bytes]


def two_texts(run_id: int, first: str, second: str, layer_name: str) -> Probe:
    """Show two texts as the words run showed its own: same model, raster settings and precision.

    Raises TextTooLarge, ModelUnavailable, UnknownUnit for a run that is gone.
    """
    return _two_texts(_recorded(run_id), first, second, layer_name)


def picture(run_id: int, content: bytes, unit_name: str) -> float:
    """A unit's spatial mean activation on an encoded picture, shown as the pictures run showed its own.

    Raises InputError for what cannot be decoded, UnknownUnit, ModelUnavailable.
    """
    layer_name, _, channel = unit_name.rpartition("/")
    means = _picture(_recorded(run_id), content, layer_name)
    if not channel.isdigit() or int(channel) >= len(means):
        raise UnknownUnit(f"no unit {unit_name!r}: write block/bottleneck/index/channel")
    return means[int(channel)]


@st.cache_data(show_spinner=False, max_entries=_KEPT_PICTURES)
def _picture(recorded: _Recorded, content: bytes, layer_name: str) -> list[float]:
    from ingest.network.device import arithmetic
    from ingest.network.layers import select_layers
    from ingest.runs.showing import show
    from ingest.stimuli.decoders import decode_alone
    from ingest.stimuli.decoding import DecodingSettings

    model, where = _model(recorded), arithmetic("auto", recorded.dtype)
    decoded = decode_alone((content, ""), DecodingSettings(model.image_size_px))
    if decoded.pixels is None:
        raise InputError(f"cannot show this picture: {decoded.error_message}")
    select_layers(model.layers, layer_name)
    with where.active():
        means: list[float] = show(model, model.trunk_in(where), decoded.pixels[None], [layer_name]).mean[0].tolist()
        return means


def text_embedding(run_id: int, text: str) -> list[float]:
    """A text's embedding by the model of a names run. Raises ModelUnavailable, UnknownUnit for a run that is gone."""
    return _text_embedding(_recorded(run_id), text)


@st.cache_data(show_spinner=False, max_entries=_KEPT_PROBES)
def _text_embedding(recorded: _Recorded, text: str) -> list[float]:
    from ingest.names.asking import text_embedding as embedded

    warehouse_file.let_go()
    return embedded(
        recorded.model_name,
        recorded.pretrained_tag,
        recorded.weights_sha256,
        recorded.settings,
        recorded.dtype,
        text,
    )


def is_explicit(text: str) -> bool:
    """Whether a typed text is in the list of explicit words."""
    from ingest.stimuli.word_list import is_explicit as listed

    return listed(text)


@st.cache_data(show_spinner=False, max_entries=_KEPT_PROBES)
def _two_texts(recorded: _Recorded, first: str, second: str, layer_name: str) -> Probe:
    from ingest.network.device import arithmetic
    from ingest.stimuli.texts import RasterSettings
    from ingest.words.job import difference

    raster = RasterSettings(**json.loads(recorded.settings)["raster"])
    where = arithmetic("auto", recorded.dtype)
    shown = difference(_model(recorded), where, raster, first, second, layer_name)
    rows = shown.rename(
        {"target_activation_mean": "first_activation_mean", "baseline_activation_mean": "second_activation_mean"}
    )
    least = pl.min_horizontal("first_activation_mean", "second_activation_mean")
    return Probe(rows.with_columns(least.alias("activation_minimum")), (_drawn(first, raster), _drawn(second, raster)))


@st.cache_resource(show_spinner=False, max_entries=_KEPT_MODELS)
def _loaded(model_name: str, tag: str, sha256: str) -> ClipModel:
    from ingest.network.model import load_stored

    return load_stored(model_name, tag, sha256)


@st.cache_resource(show_spinner=False, max_entries=_KEPT_MODELS)
def _loaded_text_side(model_name: str, tag: str, sha256: str) -> TextSide:
    from ingest.network.text_side import load_text_side

    return load_text_side(_loaded(model_name, tag, sha256))


def _recorded(run_id: int) -> _Recorded:
    rows = questions.answer("every_page/run_settings", run_id=run_id).rows
    if rows.is_empty():
        raise UnknownUnit(f"no run {run_id} in {warehouse_file.path()}")
    return _Recorded(*rows.row(0))


def _model(recorded: _Recorded) -> ClipModel:
    warehouse_file.let_go()  # an ingest can load while the model runs
    model: ClipModel = _loaded(recorded.model_name, recorded.pretrained_tag, recorded.weights_sha256)
    return model


def _text_side(recorded: _Recorded) -> TextSide:
    side: TextSide = _loaded_text_side(recorded.model_name, recorded.pretrained_tag, recorded.weights_sha256)
    return side


def _drawn(text: str, raster: RasterSettings) -> bytes:
    """The picture of a text, PNG."""
    from ingest.stimuli.texts import rasterise

    written = io.BytesIO()
    Image.fromarray(rasterise([text], raster)[0]).save(written, "PNG")
    return written.getvalue()


@dataclass(frozen=True)
class Explanation:
    """A picture's graph, computed now, with the columns of picture_graph_nodes, _edges and _cuts.

    concepts: concept, cosine and its parts by branch, of the texts that were asked for.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame
    cuts: pl.DataFrame
    concepts: pl.DataFrame
    thumbnail: bytes | None


def explanation(
    run_id: int, content: bytes, text: str, against: str, concepts: tuple[str, ...], nearest: int = 0
) -> Explanation:
    """Explain the cosine of an encoded picture with a text, by the model of a run.

    against: another text, whose cosine is subtracted; may be empty. nearest: how many of the run's own concepts are
    added, those with the highest cosines.

    Raises InputError for what cannot be decoded, ModelUnavailable, UnknownUnit for a run that is gone.
    """
    texts = [text, *([against] if against else [])]
    typed = list(dict.fromkeys([*texts, *concepts]))
    return _explanation(_recorded(run_id), content, texts, typed, nearest, _listed=_concepts(run_id, nearest))


def best_concept(run_id: int, content: bytes) -> str:
    """The concept of a logits run with the highest cosine to an encoded picture; raises what `explanation` does."""
    (best,) = _nearest(_recorded(run_id), content, 1, _listed=_concepts(run_id, 1))
    return str(best["concept"])


def content_of(source: str) -> bytes:
    """The bytes of a picture, read from the address that the warehouse stores. Raises InputError if it is gone."""
    from ingest.stimuli.picture_sources import read_picture

    try:
        return read_picture(source)
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror or error}") from error


def _concepts(run_id: int, nearest: int) -> pl.DataFrame:
    return questions.answer("picture/concept_embeddings", run=run_id).rows if nearest else pl.DataFrame()


@st.cache_data(show_spinner=False, max_entries=_KEPT_PICTURES)
def _explanation(
    recorded: _Recorded, content: bytes, texts: list[str], typed: list[str], nearest: int, _listed: pl.DataFrame
) -> Explanation:
    """_listed: concept and embedding of the run's own concepts; empty if none of them is asked for."""
    from ingest.explanations.listing import listed

    job = _explain_job(recorded, content, *texts)
    tables = listed(job.graph)
    rows = job.cosines(typed)
    rows += [row for row in _nearest_of(job, _listed, nearest) if row["concept"] not in typed]
    return Explanation(tables.nodes, tables.edges, tables.cuts, pl.DataFrame(rows), job.picture.thumbnail)


@st.cache_data(show_spinner=False, max_entries=_KEPT_PICTURES)
def _nearest(recorded: _Recorded, content: bytes, most: int, _listed: pl.DataFrame) -> list[dict[str, str | float]]:
    return _nearest_of(_explain_job(recorded, content), _listed, most)


def _nearest_of(job: ExplainJob, listed: pl.DataFrame, most: int) -> list[dict[str, str | float]]:
    if listed.is_empty():
        return []
    vectors = np.stack(listed["embedding"].to_list()).astype(np.float32)
    return job.nearest(listed["concept"].to_list(), vectors, most)


def _explain_job(recorded: _Recorded, content: bytes, text: str = "", against: str = "") -> ExplainJob:
    from ingest.explanations.job import ExplainJob, Question
    from ingest.network.device import arithmetic

    question = Question(text, against, template=json.loads(recorded.settings).get("template", "{}"))
    where = arithmetic("auto", recorded.dtype)
    return ExplainJob(_model(recorded), content, question, where, text_side=_text_side(recorded))
