"""Job `logits`: what each unit and head of the last map adds to the cosines of pictures and concepts, as strengths.

The first shard has what belongs to the model and the concepts, each other shard a few pictures. For RN50 (2,048 units,
32 heads, 49 cells) it stores, uncompressed: 16 MiB of values of units in heads; for each concept 8 KiB of head texts,
4 KiB of embedding and a projection a unit; for each picture 2 x 32 numbers of each unit that is on (512 KiB at most)
and 23 KiB of attention and embeddings. Every contribution follows from these in SQL. Source: definitions.md section 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from ingest.logits.strengths import Strengths, strengths
from ingest.network.attention_pool import AttentionPool, attention_pool_of
from ingest.network.capture import normalised
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.network.text_side import PLACE, TextSide, load_text_side
from ingest.runs.job import Advance, ModelJob, cut
from ingest.runs.showing import float_lists
from ingest.stimuli.concept_lists import concepts_sha256
from ingest.stimuli.kept_pictures import KeptPictures
from warehouse.errors import InputError
from warehouse.loading import Run
from warehouse.wording import number_of

HEAD_WORDS = 10
_PICTURES_PER_SHARD = 32


@dataclass(frozen=True)
class LogitsSettings:
    """Everything that decides the numbers of a logits run; its pictures are those of the run `pictures_run_sha256`."""

    pictures_run_sha256: str
    picture_count: int
    concepts_sha256: str
    concept_count: int
    template: str
    text_weights_sha256: str
    precision: str
    head_words: int = HEAD_WORDS
    pictures_per_shard: int = _PICTURES_PER_SHARD


class LogitsJob(ModelJob):
    """Strengths of some pictures and projections of some concepts."""

    name = "logits"
    counted = "pictures"
    settings: LogitsSettings

    def __init__(
        self,
        model: ClipModel,
        pictures: KeptPictures,
        concepts: Sequence[str],
        arithmetic: Arithmetic,
        *,
        template: str = PLACE,
    ) -> None:
        super().__init__(model, arithmetic)
        self.stimuli, self.concepts = pictures.stimuli, tuple(concepts)
        self.part_name = pictures.part_name
        self.settings = LogitsSettings(
            pictures_run_sha256=pictures.run_sha256,
            picture_count=len(pictures),
            concepts_sha256=concepts_sha256(self.concepts),
            concept_count=len(self.concepts),
            template=template,
            text_weights_sha256=self._text_side.sha256(),
            precision=arithmetic.precision,
        )
        self._pictures = pictures
        self.shards = [range(0), *cut(len(pictures), self.settings.pictures_per_shard)]

    @cached_property
    def _text_side(self) -> TextSide:
        return load_text_side(self.model)

    @cached_property
    def _pool(self) -> AttentionPool:
        return attention_pool_of(self.model.visual.attnpool, self.trunk.dtype).to(self.trunk.device)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        unit_ids = np.array(run.unit_ids[self.trunk.bottlenecks[-1].output_name], np.int32)
        if not self.shards[shard_index]:
            texts = self._text_side.embeddings(self.concepts, self.arithmetic, self.settings.template)
            return projection_tables(self._pool, texts, self.concepts, unit_ids, self.settings.head_words)
        places = self.shards[shard_index]
        shown = {
            place: pixels
            for place, pixels in zip(places, self._pictures.read(places, self.model.image_size_px), strict=True)
            if pixels is not None
        }
        self.unreadable |= set(places) - shown.keys()
        advance(len(places))
        if not shown:
            raise InputError(
                f"of {number_of(len(places), 'picture')} none can be read any more: "
                "put them back, or ingest pictures again"
            )
        pixels = torch.from_numpy(np.stack(list(shown.values()))).to(self.trunk.device)
        heads = strengths(self.trunk, self._pool, normalised(pixels, self.model.image_mean, self.model.image_std))
        stimulus_ids = np.array([run.stimulus_ids[place] for place in shown], np.int32)
        return picture_tables(heads, stimulus_ids, unit_ids)


def projection_tables(
    pool: AttentionPool, texts: Tensor, concepts: Sequence[str], unit_ids: NDArray[np.int32], head_words: int
) -> dict[str, pl.DataFrame]:
    """What belongs to a model and its concepts [C, E], as rows without run_id."""
    texts = texts.to(pool.positions.device, pool.positions.dtype)
    head_texts = pool.head_texts(texts)
    concept_count, head_count, unit_count = len(concepts), pool.head_count, len(unit_ids)
    overall = head_texts.flatten(1) @ pool.value.flatten(0, 1)  # [C, N]
    ranked = [
        torch.topk(head_texts[:, head] @ pool.value[head], min(head_words, concept_count), dim=0)
        for head in range(head_count)
    ]
    top = _array(torch.stack([values for values, _ in ranked]))  # [H, top, N]
    places = torch.stack([indices for _, indices in ranked]).cpu().numpy().astype(np.int32)
    by_head_and_unit = np.repeat(np.tile(unit_ids, head_count), top.shape[1])
    return {
        "logit_concepts": pl.DataFrame(
            {"concept_index": _indices(concept_count), "concept": list(concepts), "embedding": float_lists(texts)}
        ),
        "logit_concept_heads": pl.DataFrame(
            {
                "concept_index": np.repeat(_indices(concept_count), head_count),
                "head_index": np.tile(_indices(head_count), concept_count),
                "head_text": float_lists(head_texts.flatten(0, 1)),
            }
        ),
        "unit_heads": pl.DataFrame(
            {
                "unit_id": np.repeat(unit_ids, head_count),
                "head_index": np.tile(_indices(head_count), unit_count),
                "head_value": float_lists(pool.value.permute(2, 0, 1).flatten(0, 1)),
            }
        ),
        "unit_positions": pl.DataFrame({"unit_id": unit_ids, "position_embedding": float_lists(pool.positions.T)}),
        "unit_projections": pl.DataFrame(
            {
                "unit_id": np.repeat(unit_ids, concept_count),
                "concept_index": np.tile(_indices(concept_count), unit_count),
                "projection": _array(overall.T).ravel(),
            }
        ),
        "head_projections": pl.DataFrame(
            {
                "unit_id": by_head_and_unit,
                "head_index": np.repeat(_indices(head_count), unit_count * top.shape[1]),
                "concept_rank": np.tile(_indices(top.shape[1]) + 1, head_count * unit_count),
                "concept_index": places.transpose(0, 2, 1).ravel(),
                "projection": top.transpose(0, 2, 1).ravel(),
            }
        ).sort("unit_id", "head_index", "concept_rank"),
    }


def picture_tables(
    heads: Strengths, stimulus_ids: NDArray[np.int32], unit_ids: NDArray[np.int32]
) -> dict[str, pl.DataFrame]:
    """What belongs to some pictures, as rows without run_id; both branches are null where a unit is off."""
    branches = [part.transpose(1, 2).flatten(0, 1) for part in (heads.shortcut, heads.residual)]  # [B N, H]
    is_on = pl.lit(pl.Series(((branches[0] != 0) | (branches[1] != 0)).any(1).cpu().numpy()))
    head_count = heads.attention.shape[1]
    picture_strengths = pl.DataFrame(
        {
            "stimulus_id": np.repeat(stimulus_ids, len(unit_ids)),
            "unit_id": np.tile(unit_ids, len(stimulus_ids)),
            "shortcut_strengths": float_lists(branches[0]),
            "residual_strengths": float_lists(branches[1]),
        }
    )
    return {
        "picture_strengths": picture_strengths.with_columns(
            pl.when(is_on).then(pl.col("shortcut_strengths", "residual_strengths"))
        ),
        "picture_attention": pl.DataFrame(
            {
                "stimulus_id": np.repeat(stimulus_ids, head_count),
                "head_index": np.tile(_indices(head_count), len(stimulus_ids)),
                "attention": float_lists(heads.attention.flatten(0, 1)),
            }
        ),
        "picture_embeddings": pl.DataFrame(
            {
                "stimulus_id": stimulus_ids,
                "embedding_norm": _array(heads.norms),
                **{f"{name}_embedding": float_lists(part) for name, part in heads.embeddings.items()},
            }
        ),
    }


def _indices(count: int) -> NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)


def _array(values: Tensor) -> NDArray[np.float32]:
    return values.float().cpu().numpy()
