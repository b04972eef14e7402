"""Job `effects`: what replacing lower units does to all units of upper layers, as predicted and in the real network.

Source: definitions.md section 10. A shard is a few pairs of layers on a few pictures. It keeps sums over pictures,
merged as shards are loaded: five a connection, and fifteen a lower unit and upper layer, from which SQL computes
correlations over all (lower unit, upper unit, picture). A single picture's effects are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
import torch
from torch import Tensor

from ingest.effects.effects import gated_effects, linear_effects, real_effects
from ingest.effects.sums import KINDS, Effects, connection_sums, truth_sums
from ingest.expansion.descent import Route
from ingest.expansion.expanded_weights import part_bytes
from ingest.expansion.gates import PICTURES_AT_ONCE, FrozenPass, ShownPictures
from ingest.expansion.pairs import connected
from ingest.expansion.supports import path_below
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer
from ingest.network.model import RANDOM, ClipModel
from ingest.network.trunk import other_summand
from ingest.runs.job import Advance, ModelJob
from ingest.runs.showing import batch_size
from ingest.stimuli.frozen_pictures import frozen_pictures
from ingest.stimuli.kept_pictures import KeptPictures
from warehouse.errors import UsageError
from warehouse.loading import Run

MEAN, ZERO = "mean", "zero"
CONTROL = "control"
_PICTURES_PER_SHARD = 24  # whole batches
_CONNECTIONS_PER_SHARD = 2_000_000


@dataclass(frozen=True)
class EffectsSettings:
    """Everything that decides the numbers of an effects run; lower_unit_count None for all."""

    upper_layers: tuple[str, ...]
    lower_layers: tuple[str, ...]
    lower_unit_count: int | None
    value: str
    seed: int
    pictures_run_sha256: str
    picture_count: int
    precision: str
    pictures_per_shard: int = _PICTURES_PER_SHARD
    connections_per_shard: int = _CONNECTIONS_PER_SHARD


@dataclass(frozen=True)
class Shard:
    """Pairs of layers, by upper layer, on the pictures of some batches."""

    pairs: dict[str, tuple[Layer, ...]]
    pictures: range

    @property
    def lowers(self) -> dict[str, Layer]:
        return {lower.layer_name: lower for lowers in self.pairs.values() for lower in lowers}


class EffectsJob(ModelJob):
    """Some pairs of layers of one model on some pictures. The untrained control has a part_name of its own."""

    name = "effects"
    counted = "pictures"
    settings: EffectsSettings

    def __init__(
        self,
        model: ClipModel,
        uppers: Sequence[Layer],
        lowers: Sequence[Layer],
        pictures: KeptPictures,
        arithmetic: Arithmetic,
        *,
        lower_unit_count: int | None = 64,
        value: str = MEAN,
        seed: int = 0,
    ) -> None:
        """Raises NoPath as WeightsJob, UsageError for an unknown value, or without units."""
        if value not in (MEAN, ZERO):
            raise UsageError(f"--value {value}: take {MEAN} or {ZERO}")
        if lower_unit_count is not None and lower_unit_count < 1:
            raise UsageError(f"--lower-units {lower_unit_count}: take 1 or more, or all")
        super().__init__(model, arithmetic)
        self.part_name = CONTROL if model.pretrained_tag.startswith(RANDOM) else ""
        pairs = connected(model.trunk, model.layers, uppers, lowers)
        self.settings = EffectsSettings(
            upper_layers=tuple(pairs),
            lower_layers=tuple(layer.layer_name for layer in lowers),
            lower_unit_count=lower_unit_count,
            value=value,
            seed=seed,
            precision=arithmetic.precision,
            **pictures.identity,
        )
        self.stimuli, self._pictures = pictures.stimuli, pictures
        counts = {layer.layer_name: layer.channel_count for layer in model.layers}
        self.shards = [
            Shard(part, range(start, min(start + _PICTURES_PER_SHARD, len(pictures))))
            for part in _parts(pairs, counts, lower_unit_count)
            for start in range(0, len(pictures), _PICTURES_PER_SHARD)
        ]

    def size_of(self, shard_index: int) -> int:
        return len(self.shards[shard_index].pictures)

    def channels_of(self, lower: Layer) -> list[int]:
        """The replaced channels of a lower layer: all, or a sample that `seed` and the layer alone decide, rising."""
        count = self.settings.lower_unit_count
        if count is None or count >= lower.channel_count:
            return list(range(lower.channel_count))
        drawn = np.random.default_rng([self.settings.seed, lower.layer_order])
        return sorted(drawn.permutation(lower.channel_count)[:count].tolist())

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `connection_sums` and `truth_sums`."""
        shard = self.shards[shard_index]
        replaced = {name: self.channels_of(lower) for name, lower in shard.lowers.items()}
        values = {name: self._values[name][channels] for name, channels in replaced.items()}
        effects = self._effects(shard, replaced, values, advance)
        connections, truths = [], []
        for (lower, upper), measured in effects.items():
            lower_ids = np.array(run.unit_ids[lower], np.int32)[replaced[lower]]
            upper_ids = np.array(run.unit_ids[upper], np.int32)
            connections.append(connection_rows(measured, lower_ids, upper_ids))
            truths.append(truth_rows(measured, lower_ids, run.layer_ids[upper]))
        return {"connection_sums": pl.concat(connections), "truth_sums": pl.concat(truths)}

    def _effects(
        self, shard: Shard, replaced: dict[str, list[int]], values: dict[str, Tensor], advance: Advance
    ) -> dict[tuple[str, str], dict[str, Effects]]:
        """Effects [U, N, K] of each kind by (lower, upper)."""
        routes = {upper: self._route(upper, lowers) for upper, lowers in shard.pairs.items()}
        parts: dict[tuple[str, str], dict[str, list[Tensor]]] = {
            (lower.layer_name, upper): {kind: [] for kind in KINDS} for upper, ls in shard.pairs.items() for lower in ls
        }
        flows: dict[str, list[Tensor]] = {name: [] for name in replaced}
        for shown in self._passes(shard):
            for name, lower in shard.lowers.items():
                flows[name].append(shown.flows[name][..., replaced[name]])
                uppers = [upper for upper, lowers in shard.pairs.items() if lower in lowers]
                rows = batch_size(self.model, self.arithmetic)
                for upper, measured in real_effects(
                    self.trunk, shown, lower, replaced[name], values[name], uppers, rows_at_once=rows
                ).items():
                    parts[name, upper]["real"].append(measured)
            for upper, route in routes.items():
                chosen = {lower.layer_name: replaced[lower.layer_name] for lower in shard.pairs[upper]}
                for name, measured in gated_effects(route, shown, values, chosen).items():
                    parts[name, upper]["gated"].append(measured)
            advance(shown.picture_count)
        whole = {name: torch.cat(some) for name, some in flows.items()}
        for upper, route in routes.items():
            chosen = {lower.layer_name: replaced[lower.layer_name] for lower in shard.pairs[upper]}
            for name, measured in linear_effects(route, whole, values, chosen).items():
                parts[name, upper]["linear"].append(measured)
        return {
            pair: {kind: torch.cat(some, 1).double().cpu().numpy() for kind, some in kinds.items()}
            for pair, kinds in parts.items()
        }

    def _passes(self, shard: Shard) -> Iterator[FrozenPass]:
        summands = {other_summand(self.trunk, name) for name in shard.lowers}
        names = shard.lowers.keys() | {name for name in summands if name}
        first = shard.pictures.start // PICTURES_AT_ONCE
        last = -(-shard.pictures.stop // PICTURES_AT_ONCE)
        return self._shown.passes(names, range(first, last))

    def _route(self, upper: str, lowers: Sequence[Layer]) -> Route:
        path = path_below(self.trunk, upper)
        names = {lower.layer_name for lower in lowers}
        deepest = [name for name in path.supports if name in names][-1]
        return Route(self.trunk, path, deepest, part_bytes(self.trunk.device))

    @cached_property
    def _shown(self) -> ShownPictures:
        exactly = replace(self.arithmetic, precision="float64")
        return frozen_pictures(self.model, self.model.trunk_in(exactly), self._pictures)

    @cached_property
    def _values(self) -> dict[str, Tensor]:
        """What each lower unit is replaced by, [C] by layer."""
        means = self._shown.means({name for shard in self.shards for name in shard.lowers})
        return {name: mean if self.settings.value == MEAN else torch.zeros_like(mean) for name, mean in means.items()}


def connection_rows(effects: dict[str, Effects], lower_ids: np.ndarray, upper_ids: np.ndarray) -> pl.DataFrame:
    """Rows of `connection_sums` without run_id, by lower unit and then by upper unit."""
    return pl.DataFrame(
        {
            "lower_unit_id": np.repeat(lower_ids, len(upper_ids)),
            "upper_unit_id": np.tile(upper_ids, len(lower_ids)),
            "picture_count": np.full(len(lower_ids) * len(upper_ids), effects["real"].shape[1], np.int32),
            **{name: np.ascontiguousarray(sums).ravel() for name, sums in connection_sums(effects).items()},
        }
    )


def truth_rows(effects: dict[str, Effects], lower_ids: np.ndarray, upper_layer_id: int) -> pl.DataFrame:
    """Rows of `truth_sums` without run_id."""
    return pl.DataFrame(
        {
            "lower_unit_id": lower_ids,
            "upper_layer_id": np.full(len(lower_ids), upper_layer_id, np.int32),
            "picture_count": np.full(len(lower_ids), effects["real"].shape[1], np.int32),
            **truth_sums(effects),
        }
    )


def _parts(
    pairs: dict[str, tuple[Layer, ...]], counts: dict[str, int], lower_unit_count: int | None
) -> Iterator[dict[str, tuple[Layer, ...]]]:
    """The pairs of layers in parts of about _CONNECTIONS_PER_SHARD connections, kept whole."""
    part: dict[str, tuple[Layer, ...]] = {}
    size = 0
    for upper, lowers in pairs.items():
        for lower in lowers:
            part[upper] = (*part.get(upper, ()), lower)
            size += counts[upper] * min(lower_unit_count or lower.channel_count, lower.channel_count)
            if size >= _CONNECTIONS_PER_SHARD:
                yield part
                part, size = {}, 0
    if part:
        yield part
