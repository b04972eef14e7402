"""Job `matches`: which units of another model respond like this model's units, over the same pictures or words.

A shard is some pairs of layers: it shows everything to both models and keeps only covariances. Source: definitions.md
section 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from ingest.matches.partners import Partners, best_held, correlations, partners, rotated, rotation
from ingest.matches.products import Products
from ingest.matches.shown import Shown, is_held_out
from ingest.network.device import Arithmetic, single_threads
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk
from ingest.runs.job import Advance, ModelJob
from ingest.runs.showing import batch_size, shown
from warehouse.errors import InputError
from warehouse.loading import Run

PARTNERS = 5
_PAIRS_PER_SHARD = 2**26  # of units: twice 512 MiB
_FEWEST = 16  # stimuli of a half: correlations of fewer say nothing
_OWN, _OTHER = 0, 1


@dataclass(frozen=True)
class MatchesSettings:
    """Everything that decides the numbers of a matches run. seed: of the rotations."""

    other_weights_sha256: str
    own_layers: tuple[str, ...]
    other_layers: tuple[str, ...]
    shown: str
    shown_sha256: str
    shown_count: int
    seed: int
    precision: str
    partner_count: int = PARTNERS
    pairs_per_shard: int = _PAIRS_PER_SHARD


class Of(NamedTuple):
    """A layer of one of the two models."""

    side: int
    layer: str


Pair = tuple[Of, Of]  # of this model and of the other


class MatchesJob(ModelJob):
    """Units of some layers of one model beside those of another. Runs against other models are all shown."""

    name = "matches"
    counted = "pictures"
    settings: MatchesSettings

    def __init__(
        self,
        model: ClipModel,
        other: ClipModel,
        layers: Sequence[Layer],
        other_layers: Sequence[Layer],
        to_show: Shown,
        arithmetic: Arithmetic,
        *,
        seed: int = 0,
    ) -> None:
        """Raises InputError where there is too little to show."""
        super().__init__(model, arithmetic)
        self.others = (other,)
        self._to_show, self._is_held = to_show, [is_held_out(name) for name in to_show.names]
        held = sum(self._is_held)
        require_enough(len(self._is_held) - held, held)
        self.part_name = other.label if to_show.kind == "pictures" else f"{other.label} on {to_show.kind}"
        self.settings = MatchesSettings(
            other_weights_sha256=other.weights_sha256,
            own_layers=tuple(layer.layer_name for layer in layers),
            other_layers=tuple(layer.layer_name for layer in other_layers),
            shown=to_show.kind,
            shown_sha256=to_show.sha256,
            shown_count=len(self._is_held),
            seed=seed,
            precision=arithmetic.precision,
        )
        self.stimuli = to_show.stimuli
        self._layers = {Of(_OWN, one.layer_name): one for one in layers}
        self._layers |= {Of(_OTHER, one.layer_name): one for one in other_layers}
        self.shards = list(_parts(self._layers, self.settings.pairs_per_shard))

    def size_of(self, shard_index: int) -> int:
        return len(self._is_held)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `match_partners` and `match_nulls`, those of this model's units first."""
        pairs = self.shards[shard_index]
        halves = self._measured(pairs, advance)
        turns = {of: self._turn(of) for of in dict.fromkeys(of for pair in pairs for of in pair)}
        with single_threads(self.trunk.device) as (pool, _):  # pairs are many, and their matrices small
            found = list(pool.map(lambda pair: self._rows(halves, pair, turns, run), pairs))
        return {name: pl.concat(rows[name] for rows in found) for name in found[0]}

    def _turn(self, of: Of) -> Tensor:
        layer = self._layers[of]
        return rotation(layer.channel_count, self.settings.seed, of.side, layer.layer_order).to(self.trunk.device)

    def _rows(
        self, halves: Sequence[Products[Of]], pair: Pair, turns: Mapping[Of, Tensor], run: Run
    ) -> dict[str, pl.DataFrame]:
        """Rows of a pair of layers, from either side."""
        own, other = pair
        choice, held = (correlations(half.covariance(*pair), *map(half.variance, pair)) for half in halves)
        counts = [half.count for half in halves]
        found, nulls = [], []
        for one, two, by_half in ((own, other, (choice, held)), (other, own, (choice.T, held.T))):
            ids, is_reverse = _unit_ids(run, one), one.side == _OTHER
            best = partners(*by_half, self.settings.partner_count)
            found.append(partner_rows(best, ids, _unit_ids(run, two), is_reverse))
            null = null_held(halves, one, two, turns[two])
            nulls.append(null_rows(null, ids, _layer_id(run, two), counts, is_reverse))
        return {"match_partners": pl.concat(found), "match_nulls": pl.concat(nulls)}

    def _measured(self, pairs: Sequence[Pair], advance: Advance) -> list[Products[Of]]:
        """Products over the stimuli of the choice, and over the held-out ones."""
        halves = [Products(pairs), Products(pairs)]
        for places, values in self._answers({of for pair in pairs for of in pair}):
            self.unreadable |= set(places) - set(values.places)
            is_held = torch.tensor([self._is_held[place] for place in values.places], dtype=torch.bool)
            for half, chosen in zip(halves, (~is_held, is_held), strict=True):
                if chosen.any():
                    where = chosen.to(self.trunk.device)
                    half.add({of: value[where] for of, value in values.of.items()})
            advance(len(places))
        require_enough(*(half.count for half in halves))
        return halves

    def _answers(self, wanted: set[Of]) -> Iterator[tuple[range, _Answers]]:
        """Spatial means [N, C] of the wanted layers, a batch at a time."""
        names = [[of.layer for of in self._layers if of in wanted and of.side == side] for side in (_OWN, _OTHER)]
        size = min(batch_size(model, self.arithmetic) for model in self._models)
        for start in range(0, len(self._is_held), size):
            places = range(start, min(start + size, len(self._is_held)))
            sides = self._to_show.read(places)
            there = [index for index in range(len(places)) if all(side[index] is not None for side in sides)]
            if not there:
                yield places, _Answers([], {})
                continue
            of: dict[Of, Tensor] = {}
            for side, (model, trunk) in enumerate(zip(self._models, self._trunks, strict=True)):
                pixels = np.stack([pixels for index in there if (pixels := sides[side][index]) is not None])
                means = shown(model, trunk, pixels, names[side]).mean
                counts = [self._layers[Of(side, name)].channel_count for name in names[side]]
                of |= {Of(side, name): part for name, part in zip(names[side], means.split(counts, 1), strict=True)}
            yield places, _Answers([places[index] for index in there], of)

    @property
    def _models(self) -> tuple[ClipModel, ClipModel]:
        return self.model, self.others[0]

    @cached_property
    def _trunks(self) -> tuple[Trunk, Trunk]:
        return self.trunk, self.others[0].trunk_in(self.arithmetic)


class _Answers(NamedTuple):
    places: list[int]
    of: dict[Of, Tensor]


def require_enough(*counts: int) -> None:
    if min(counts) < _FEWEST:
        raise InputError(
            f"partners are chosen on {counts[0]} and judged on {counts[1]}: show more, at least {_FEWEST} of each"
        )


def null_held(halves: Sequence[Products[Of]], one: Of, two: Of, turn: Tensor) -> Tensor:
    """[U]: the held-out correlation of the best partner in the other layer rotated; nan for a unit without one."""
    found = []
    for half in halves:
        mixed, variance = rotated(covariance(half, one, two), half.covariance(two, two), turn)
        found.append(correlations(mixed, half.variance(one), variance))
    return best_held(*found)


def covariance(half: Products[Of], one: Of, two: Of) -> Tensor:
    """With the layers in this order; products are kept of this model's layer with the other's."""
    return half.covariance(one, two) if one.side == _OWN else half.covariance(two, one).T


def partner_rows(
    found: Partners, ids: NDArray[np.int32], other_ids: NDArray[np.int32], is_reverse: bool
) -> pl.DataFrame:
    """Rows of `match_partners` without run_id, by unit and rank."""
    channel = found.channel.cpu().numpy()
    units, places = np.nonzero(channel >= 0)
    held = found.held.cpu().numpy()[units, places]
    is_known = np.isfinite(held)
    rows = pl.DataFrame(
        {
            "unit_id": ids[units],
            "other_unit_id": other_ids[channel[units, places]],
            "partner_rank": (places + 1).astype(np.int32),
            "choice_correlation": found.choice.cpu().numpy()[units, places].astype(np.float32),
            "correlation": held.astype(np.float32),
            "held_out_rank": found.rank.cpu().numpy()[units, places].astype(np.int32),
            "held_out_back_rank": found.back_rank.cpu().numpy()[units, places].astype(np.int32),
        }
    )
    judged = pl.col("correlation", "held_out_rank", "held_out_back_rank")
    return rows.with_columns(pl.when(pl.lit(pl.Series(is_known))).then(judged), is_reverse=pl.lit(is_reverse))


def null_rows(
    null: Tensor, ids: NDArray[np.int32], other_layer_id: int, counts: Sequence[int], is_reverse: bool
) -> pl.DataFrame:
    """Rows of `match_nulls` without run_id, a unit each; null for one that never changes."""
    return pl.DataFrame(
        {
            "unit_id": ids,
            "other_layer_id": np.full(len(ids), other_layer_id, np.int32),
            "choice_count": np.full(len(ids), counts[0], np.int32),
            "held_out_count": np.full(len(ids), counts[1], np.int32),
            "null_correlation": null.cpu().numpy().astype(np.float32),
        }
    ).with_columns(pl.col("null_correlation").fill_nan(None), is_reverse=pl.lit(is_reverse))


def _unit_ids(run: Run, of: Of) -> NDArray[np.int32]:
    ids = run.unit_ids if of.side == _OWN else run.others[0].unit_ids
    return np.array(ids[of.layer], np.int32)


def _layer_id(run: Run, of: Of) -> int:
    ids = run.layer_ids if of.side == _OWN else run.others[0].layer_ids
    return ids[of.layer]


def _parts(layers: dict[Of, Layer], pairs_per_shard: int) -> Iterator[list[Pair]]:
    """All pairs of layers in parts of about so many pairs of units."""
    part: list[Pair] = []
    size = 0
    for own, other in _pairs(layers):
        part.append((own, other))
        size += layers[own].channel_count * layers[other].channel_count
        if size >= pairs_per_shard:
            yield part
            part, size = [], 0
    if part:
        yield part


def _pairs(layers: Iterable[Of]) -> Iterator[Pair]:
    known = list(layers)
    for other in known:
        if other.side == _OTHER:
            yield from ((own, other) for own in known if own.side == _OWN)
