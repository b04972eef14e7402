"""Job `names`: a name for each unit of some layers, how far to trust it, and what a search by meaning needs.

Half of the pictures name, the other half is held out. The first shard has what belongs to pictures and concepts, each
other shard some layers. All of them need one pass over the pictures, which a process makes once and keeps: a float32
for each picture and unit (41 MB for 2,048 units on 5,000 pictures). It stores an embedding for each picture and
concept (RN50: 4 KiB), five names a unit and its 20 strongest pictures of each half. Source: definitions.md section 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from ingest.names.passing import means_and_embeddings
from ingest.names.soft_wpmi import (
    STRONGEST,
    Fits,
    Floats,
    fits,
    mean_lengths,
    names,
    other_concepts,
    strongest,
    trusts,
)
from ingest.network.attention_pool import attention_pool_of
from ingest.network.capture import normalised
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.network.text_side import PLACE, TextSide, load_text_side
from ingest.runs.job import Advance, ModelJob
from ingest.runs.showing import batch_size, float_lists
from ingest.stimuli.concept_lists import concepts_sha256
from ingest.stimuli.kept_pictures import KeptPictures
from ingest.stimuli.word_list import is_explicit
from warehouse.errors import InputError, UsageError
from warehouse.loading import Run
from warehouse.wording import number_of

NAMES_KEPT = 5
EXAMPLES = 20
_EMPTY_TEXT = -1  # its place among the concepts: search subtracts it
_UNITS_PER_SHARD = 8_192
_PICTURES_READ_AT_ONCE = 256


@dataclass(frozen=True)
class NamesSettings:
    """Everything that decides the numbers of a names run; its pictures are of the run `pictures_run_sha256`."""

    pictures_run_sha256: str
    picture_count: int
    concepts_sha256: str
    concept_count: int
    template: str
    text_weights_sha256: str
    layers: tuple[str, ...]
    seed: int
    precision: str
    strongest: int = STRONGEST
    names_kept: int = NAMES_KEPT
    examples: int = EXAMPLES
    units_per_shard: int = _UNITS_PER_SHARD


@dataclass(frozen=True)
class Seen:
    """The result of one pass over the pictures. places: of those that could be read [N]; embeddings [N, E]; means
    [N, U] by layer; is_held_out [N]."""

    places: list[int]
    embeddings: Floats
    means: dict[str, NDArray[np.float32]]
    is_held_out: NDArray[np.bool_]


class NamesJob(ModelJob):
    """Names from some concepts, by some pictures, for all units of some layers; the prior runs over a layer's units."""

    name = "names"
    counted = "pictures"
    settings: NamesSettings

    def __init__(
        self,
        model: ClipModel,
        layers: Sequence[Layer],
        pictures: KeptPictures,
        concepts: Sequence[str],
        arithmetic: Arithmetic,
        *,
        template: str = PLACE,
        seed: int = 0,
    ) -> None:
        """Raises UsageError for fewer than two concepts."""
        if len(concepts) < 2:
            raise UsageError(f"{len(concepts)} concept: a name is chosen among 2 or more, write them one per line")
        super().__init__(model, arithmetic)
        self.stimuli, self.concepts, self._pictures = pictures.stimuli, tuple(concepts), pictures
        self.settings = NamesSettings(
            pictures_run_sha256=pictures.run_sha256,
            picture_count=len(pictures),
            concepts_sha256=concepts_sha256(self.concepts),
            concept_count=len(self.concepts),
            template=template,
            text_weights_sha256=self._text_side.sha256(),
            layers=tuple(layer.layer_name for layer in layers),
            seed=seed,
            precision=arithmetic.precision,
        )
        self.shards: list[tuple[Layer, ...]] = [(), *_groups(layers)]
        self._seen: Seen | None = None

    def size_of(self, shard_index: int) -> int:
        """Each shard looks at all pictures."""
        return len(self._pictures)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        layers = self.shards[shard_index]
        if not layers:
            seen = self._see(run, advance)
            return {"name_concepts": self._concept_rows(), "name_pictures": self._picture_rows(seen, run)}
        seen = self._see(run)
        of_layers = [self._layer_rows(layer, seen, run) for layer in layers]
        advance(self.size_of(shard_index))
        return {table: pl.concat(rows[table] for rows in of_layers) for table in of_layers[0]}

    def _layer_rows(self, layer: Layer, seen: Seen, run: Run) -> dict[str, pl.DataFrame]:
        """Rows of a layer's units by table."""
        unit_ids, means = np.array(run.unit_ids[layer.layer_name], np.int32), seen.means[layer.layer_name]
        held, naming = self._fits
        best = names(naming, strongest(means[~seen.is_held_out]), self.settings.names_kept)
        unit_count, kept = best.concepts.shape
        held_means = means[seen.is_held_out]
        trust = np.stack([trusts(held, best.concepts[:, rank], held_means) for rank in range(kept)], 1)
        others = other_concepts(best.concepts[:, 0], len(self.concepts), [self.settings.seed, layer.layer_order])
        lengths = mean_lengths(seen.embeddings, strongest(means, self.settings.examples))
        return {
            "name_ranks": pl.DataFrame(
                {
                    "unit_id": np.repeat(unit_ids, kept),
                    "name_rank": np.tile(np.arange(1, kept + 1, dtype=np.int32), unit_count),
                    "concept_index": best.concepts.ravel().astype(np.int32),
                    "name_score": best.scores.ravel().astype(np.float32),
                    "held_out_correlation": trust.ravel().astype(np.float32),
                }
            ).fill_nan(None),
            "name_units": pl.DataFrame(
                {
                    "unit_id": unit_ids,
                    "random_concept_index": others.astype(np.int32),
                    "random_correlation": trusts(held, others, held_means).astype(np.float32),
                    "mean_embedding_length": lengths.astype(np.float32),
                }
            ).fill_nan(None),
            "name_examples": pl.concat(self._example_rows(unit_ids, means, seen, run, half) for half in (False, True)),
        }

    def _example_rows(
        self, unit_ids: NDArray[np.int32], means: NDArray[np.float32], seen: Seen, run: Run, is_held_out: bool
    ) -> pl.DataFrame:
        """The strongest pictures of one half, unit after unit."""
        half = np.flatnonzero(seen.is_held_out == is_held_out)
        first = half[strongest(means[half], self.settings.examples)]  # [k, U]
        stimulus_ids = np.array([run.stimulus_ids[place] for place in seen.places], np.int32)
        return pl.DataFrame(
            {
                "unit_id": np.repeat(unit_ids, len(first)),
                "is_held_out": np.full(first.size, is_held_out),
                "example_rank": np.tile(np.arange(1, len(first) + 1, dtype=np.int32), len(unit_ids)),
                "stimulus_id": stimulus_ids[first].T.ravel(),
                "activation_mean": np.take_along_axis(means, first, 0).T.ravel(),
            }
        )

    def _concept_rows(self) -> pl.DataFrame:
        """Concepts with their embeddings, and the empty text."""
        listed = [*self.concepts, ""]
        return pl.DataFrame(
            {
                "concept_index": np.array([*range(len(self.concepts)), _EMPTY_TEXT], np.int32),
                "concept": listed,
                "is_explicit": [is_explicit(concept) for concept in listed],
                "embedding": float_lists(self._texts),
            }
        )

    def _picture_rows(self, seen: Seen, run: Run) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "stimulus_id": np.array([run.stimulus_ids[place] for place in seen.places], np.int32),
                "is_held_out": seen.is_held_out,
                "embedding": float_lists(torch.from_numpy(seen.embeddings)),
            }
        )

    @cached_property
    def _fits(self) -> tuple[Fits, Fits]:
        """How well concepts fit the pictures that are held out, and those that name."""
        assert self._seen is not None
        texts = self._texts[:-1].double().numpy()
        embeddings, is_held_out = self._seen.embeddings, self._seen.is_held_out
        return fits(embeddings[is_held_out], texts), fits(embeddings[~is_held_out], texts)

    @cached_property
    def _texts(self) -> torch.Tensor:
        """Embeddings of the concepts, then of the empty text [C + 1, E]."""
        return self._text_side.embeddings([*self.concepts, ""], self.arithmetic, self.settings.template)

    @cached_property
    def _text_side(self) -> TextSide:
        return load_text_side(self.model)

    def _see(self, run: Run, advance: Advance = lambda _: None) -> Seen:
        """The pass over the pictures, once a process, for the layers that are still missing."""
        if self._seen is None:
            missing = [layer for index, some in enumerate(self.shards) if index not in run.loaded for layer in some]
            self._seen = self._pass(missing, advance)
        return self._seen

    def _pass(self, layers: Sequence[Layer], advance: Advance) -> Seen:
        count = len(self._pictures)
        means = {layer.layer_name: np.empty((count, layer.channel_count), np.float32) for layer in layers}
        pool = attention_pool_of(self.model.visual.attnpool, self.trunk.dtype).to(self.trunk.device)
        places: list[int] = []
        embeddings: list[NDArray[np.float64]] = []
        for some, pixels in self._batches(advance):
            images = normalised(
                torch.from_numpy(pixels).to(self.trunk.device), self.model.image_mean, self.model.image_std
            )
            found, embedded = means_and_embeddings(self.trunk, pool, images, means.keys())
            for name, values in found.items():
                means[name][len(places) : len(places) + len(some)] = values
            embeddings.append(embedded)
            places += some
        is_held_out = np.array([_is_held_out(self._pictures.stimuli["content_sha256"][place]) for place in places])
        if min(is_held_out.sum(), (~is_held_out).sum()) < 2:
            raise InputError(
                f"{number_of(len(places), 'picture')} can be read, too few to name by some and hold others out: "
                "ingest more pictures, or take more of them"
            )
        return Seen(
            places, np.concatenate(embeddings), {name: kept[: len(places)] for name, kept in means.items()}, is_held_out
        )

    def _batches(self, advance: Advance) -> Iterator[tuple[list[int], NDArray[np.uint8]]]:
        """Places and pixels [n, S, S, 3] of the pictures that can be read."""
        size = batch_size(self.model, self.arithmetic)
        for start in range(0, len(self._pictures), _PICTURES_READ_AT_ONCE):
            asked = range(start, min(start + _PICTURES_READ_AT_ONCE, len(self._pictures)))
            read = self._pictures.read(asked, self.model.image_size_px)
            shown = [(place, pixels) for place, pixels in zip(asked, read, strict=True) if pixels is not None]
            self.unreadable |= set(asked) - {place for place, _ in shown}
            for first in range(0, len(shown), size):
                some = shown[first : first + size]
                yield [place for place, _ in some], np.stack([pixels for _, pixels in some])
            advance(len(asked))


def _is_held_out(content_sha256: str) -> bool:
    """By the last digit of its content hash: the same half in every run, whatever the other pictures are."""
    return int(content_sha256[-1], 16) % 2 == 1


def _groups(layers: Sequence[Layer]) -> Iterator[tuple[Layer, ...]]:
    """Layers, one after the other, of some _UNITS_PER_SHARD units together."""
    group: list[Layer] = []
    for layer in layers:
        if group and sum(one.channel_count for one in [*group, layer]) > _UNITS_PER_SHARD:
            yield tuple(group)
            group = []
        group.append(layer)
    yield tuple(group)
