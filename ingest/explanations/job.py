"""Job `explain`: one picture's graph for one target, as rows: every unit of every cut, and edges between shown ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from PIL import Image

from ingest.explanations.frozen import FrozenBottleneck, freeze
from ingest.explanations.graph import Cut, Edges, Graph, GraphSettings, graph
from ingest.explanations.targets import picture_embedding, text_target, unit_target
from ingest.network.attention_pool import AttentionPool, attention_pool_of
from ingest.network.capture import normalised
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.network.text_side import PLACE, TextSide, load_text_side
from ingest.network.unit_selection import select_units
from ingest.runs.job import Advance, ModelJob
from ingest.stimuli.decoding import Decoded, DecodingSettings, decode, thumbnail_of
from ingest.stimuli.overlays import Overlay, laid_over
from warehouse.errors import InputError
from warehouse.loading import Run

_THUMBNAIL_PX = 112


@dataclass(frozen=True)
class Question:
    """What is explained: the cosine with a text, minus that with another text if given, or the read-out of a unit."""

    text: str = ""
    against: str = ""
    unit: str = ""
    template: str = PLACE

    @property
    def name(self) -> str:
        return self.unit or (f"{self.text} and not {self.against}" if self.against else self.text)


@dataclass(frozen=True)
class ExplainSettings:
    """Everything that decides the numbers of an explain run."""

    picture_sha256: str
    question: Question
    graph: GraphSettings
    text_weights_sha256: str
    precision: str


class ExplainJob(ModelJob):
    """The graph of one picture, given as the bytes of its file; with a text laid over it where there is an overlay."""

    name = "explain"
    counted = "pictures"
    settings: ExplainSettings

    def __init__(
        self,
        model: ClipModel,
        content: bytes,
        question: Question,
        arithmetic: Arithmetic,
        *,
        source: str = "",
        overlay: Overlay | None = None,
        settings: GraphSettings | None = None,
        text_side: TextSide | None = None,
    ) -> None:
        """text_side: the model's own, where it is loaded already."""
        super().__init__(model, arithmetic)
        self._loaded_text_side = text_side
        if question.unit:
            select_units(model.layers, question.unit)
        self.picture = decode(content, DecodingSettings(model.image_size_px, _THUMBNAIL_PX))
        if self.picture.pixels is None:
            raise InputError(f"cannot show {source or 'this picture'}: {self.picture.error_message}")
        sha256 = hashlib.sha256(content).hexdigest()
        if overlay is not None:
            sha256 = overlay.content_sha256(sha256)
            self.picture = _attacked(self.picture.pixels, overlay)
        self.part_name = f"{question.name} on {sha256[:8]}"
        self.settings = ExplainSettings(
            sha256,
            question,
            settings or GraphSettings(),
            "" if question.unit else self._text_side.sha256(),
            arithmetic.precision,
        )
        self.shards = [range(1)]
        self.stimuli = pl.DataFrame(
            {
                "stimulus_kind": "typographic" if overlay else "picture",
                "source_uri": source,
                "content_sha256": sha256,
                "width_px": self.picture.width_px,
                "height_px": self.picture.height_px,
                "is_explicit": False,
            },
            schema_overrides={"width_px": pl.Int32, "height_px": pl.Int32},
        )

    @cached_property
    def _text_side(self) -> TextSide:
        return self._loaded_text_side or load_text_side(self.model)

    @cached_property
    def graph(self) -> Graph:
        """The graph itself, computed when it is asked for."""
        question = self.settings.question
        with self.arithmetic.active():
            if question.unit:
                target = unit_target(self.trunk, self._frozen, question.unit)
            else:
                vectors = self._texts([question.text, *([question.against] if question.against else [])])
                text = vectors[0] - vectors[1] if question.against else vectors[0]
                target = text_target(self._pool, self._frozen, question.name, text)
            return graph(self._frozen, target, self.settings.graph)

    def cosines(self, texts: Sequence[str]) -> list[dict[str, str | float]]:
        """Each text with its cosine and what the branches of the last bottleneck add to it."""
        distinct = list(dict.fromkeys(texts))
        return self._split(distinct, self._texts(distinct))

    def nearest(
        self, concepts: Sequence[str], embeddings: NDArray[np.float32], most: int
    ) -> list[dict[str, str | float]]:
        """The same of the concepts [C] with the highest cosines. embeddings [C, E]: theirs, of length 1."""
        vectors = torch.from_numpy(embeddings).to(self.trunk.device, self.trunk.dtype)
        with self.arithmetic.active():
            picture = picture_embedding(self._pool, self._frozen)
            places = (vectors @ picture).topk(min(most, len(concepts))).indices
        return self._split([concepts[place] for place in places.tolist()], vectors[places])

    def _split(self, names: Sequence[str], vectors: torch.Tensor) -> list[dict[str, str | float]]:
        with self.arithmetic.active():
            targets = [
                text_target(self._pool, self._frozen, name, vector) for name, vector in zip(names, vectors, strict=True)
            ]
            shortcut, residual = (branch[0] for branch in self._frozen[-1].branches(self._frozen[-1].inflow[None]))
        return [
            {
                "concept": target.name,
                "cosine": target.value,
                "shortcut_contribution": float((target.derivative * shortcut).sum()),
                "residual_contribution": float((target.derivative * residual).sum()),
                "rest_contribution": target.constant,
            }
            for target in targets
        ]

    @cached_property
    def _frozen(self) -> tuple[FrozenBottleneck, ...]:
        pixels = torch.from_numpy(np.array(self.picture.pixels))[None].to(self.trunk.device)
        image = normalised(pixels, self.model.image_mean, self.model.image_std)[0].to(self.trunk.dtype)
        return freeze(self.trunk, image)

    @cached_property
    def _pool(self) -> AttentionPool:
        return attention_pool_of(self.model.visual.attnpool, self.trunk.dtype).to(self.trunk.device)

    def _texts(self, texts: Sequence[str]) -> torch.Tensor:
        embeddings = self._text_side.embeddings(texts, self.arithmetic, self.settings.question.template)
        return embeddings.to(self.trunk.device, self.trunk.dtype)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        tables = graph_tables(self.graph, run)
        target = pl.DataFrame(
            {
                "stimulus_id": list(run.stimulus_ids),
                "target": self.settings.question.name,
                "target_kind": "unit" if self.settings.question.unit else "text",
                "target_value": self.graph.target.value,
            }
        )
        thumbnails = pl.DataFrame({"stimulus_id": list(run.stimulus_ids), "thumbnail": [self.picture.thumbnail]})
        advance(1)
        return {"graph_targets": target, "thumbnails": thumbnails, **tables}


def _attacked(pixels: NDArray[np.uint8], overlay: Overlay) -> Decoded:
    attacked = laid_over(pixels, overlay)
    thumbnail = thumbnail_of(Image.fromarray(attacked), _THUMBNAIL_PX)
    return Decoded(attacked, overlay.image_size_px, overlay.image_size_px, thumbnail)


def graph_tables(found: Graph, run: Run) -> dict[str, pl.DataFrame]:
    """Rows of graph_cuts, graph_nodes and graph_edges without run_id."""
    edges = [*found.edges, None]
    tables = {
        "graph_cuts": pl.DataFrame(
            {
                "layer_id": [run.layer_ids[cut.layer_name] for cut in found.cuts],
                "constant_attribution": [cut.constant for cut in found.cuts],
            }
        ),
        "graph_nodes": pl.concat(
            _node_rows(cut, below, run.unit_ids[cut.layer_name]) for cut, below in zip(found.cuts, edges, strict=True)
        ),
    }
    if found.edges:
        tables["graph_edges"] = pl.concat(
            _edge_rows(between, upper, lower, run)
            for between, upper, lower in zip(found.edges, found.cuts[:-1], found.cuts[1:], strict=True)
        )
    return tables


def _node_rows(cut: Cut, below: Edges | None, unit_ids: Sequence[int]) -> pl.DataFrame:
    shown = cut.shown.tolist()
    constants: list[float | None] = [None] * len(unit_ids)
    maps: list[list[float] | None] = [None] * len(unit_ids)
    for row, channel in enumerate(shown):
        constants[channel] = float(below.constant[row]) if below else None
        maps[channel] = cut.maps[row].flatten().tolist()
    return pl.DataFrame(
        {
            "unit_id": np.array(unit_ids, np.int32),
            "attribution": _doubles(cut.attributions),
            "shortcut_attribution": _doubles(cut.shortcut),
            "residual_attribution": _doubles(cut.residual),
            "constant_attribution": pl.Series(constants, dtype=pl.Float64),
            "is_shown": np.isin(np.arange(len(unit_ids)), shown),
            "attribution_map": pl.Series(maps, dtype=pl.List(pl.Float32)),
        }
    )


def _edge_rows(between: Edges, upper: Cut, lower: Cut, run: Run) -> pl.DataFrame:
    upper_ids, lower_ids = (
        np.array(run.unit_ids[cut.layer_name], np.int32)[cut.shown.cpu().numpy()] for cut in (upper, lower)
    )
    along, through = (part[:, lower.shown].flatten() for part in (between.shortcut, between.residual))
    return pl.DataFrame(
        {
            "lower_unit_id": np.tile(lower_ids, len(upper_ids)),
            "upper_unit_id": np.repeat(upper_ids, len(lower_ids)),
            "attribution": _doubles(along + through),
            "shortcut_attribution": _doubles(along),
            "residual_attribution": _doubles(through),
        }
    )


def _doubles(values: torch.Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()
