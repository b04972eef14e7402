"""Job `contributions`: statistics of each unit's backward and forward contributions, from a finished weights run.

Their formulas are SQL (computed_contribution_statistics, rank_correlations); Hartigan's dip is added here. A shard is a
few pairs of layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import polars as pl

import warehouse
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.runs.job import Advance, ModelJob
from ingest.runs.processes import usable_cores, workers
from ingest.weights.dips import dips
from warehouse.loading import Run
from warehouse.reading import MOST_ROWS, query_on

_PAIRS_PER_SHARD = 4_000_000
_TIME_LIMIT_S = 3600.0
_CORES_OF_A_SHARD, _MOST_AT_ONCE = 2, 8  # a shard takes up to 0.8 GB of memory
_STATISTICS = (
    "select * exclude (run_id, unit_layer_id, unit_layer, other_layer) from computed_contribution_statistics "
    "where run_id = $run_id and "
)
_OF_LAYERS = (
    "direction = 'forward' and other_layer_id = $upper and list_contains($lowers, unit_layer_id)",
    "direction = 'backward' and unit_layer_id = $upper and list_contains($lowers, other_layer_id)",
)


@dataclass(frozen=True)
class ContributionsSettings:
    """Everything that decides the numbers of a contributions run. near_zero: the threshold of near_zero_share."""

    weights_settings_sha256: str
    near_zero: float = 0.1
    pairs_per_shard: int = _PAIRS_PER_SHARD


class ContributionsJob(ModelJob):
    """Statistics of one weights run, whose part it has."""

    name = "contributions"
    counted = "pairs"
    reads_its_file = True
    settings: ContributionsSettings

    def __init__(self, model: ClipModel, arithmetic: Arithmetic, path: Path, weights_run_id: int) -> None:
        super().__init__(model, arithmetic)
        self._path, self._weights_run_id = path, weights_run_id
        with self._asking() as ask:
            run = ask("select settings_sha256, part_name from runs where run_id = $run_id")
            pairs = ask("from layer_pair_sizes where run_id = $run_id order by upper_layer_id, lower_layer_id")
        sha256, self.part_name = run.row(0)
        self.settings = ContributionsSettings(sha256)
        parts = pairs.with_columns(part=pl.col("pair_count").cum_sum().over("upper_layer_id") // _PAIRS_PER_SHARD)
        self.shards = parts.partition_by("upper_layer_id", "part", maintain_order=True)
        self._at_once = max(1, min(_MOST_AT_ONCE, usable_cores() // _CORES_OF_A_SHARD))
        self._computing: dict[int, Future[dict[str, pl.DataFrame]]] = {}

    def size_of(self, shard_index: int) -> int:
        return int(self.shards[shard_index]["pair_count"].sum())

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `contribution_statistics` and `layer_pair_statistics`."""
        following = range(shard_index + 1, min(shard_index + self._at_once, self.shard_count))
        self._begin([shard_index, *(index for index in following if index not in run.loaded)])
        tables = self._computing.pop(shard_index).result()
        advance(self.size_of(shard_index))
        return tables

    def _begin(self, shard_indices: Sequence[int]) -> None:
        """Several shards beside each other: sorting a pair of layers keeps few of many cores busy."""
        for index in shard_indices:
            if index not in self._computing:
                self._computing[index] = self._threads.submit(self._tables, self.shards[index], self._workers)

    def _tables(self, shard: pl.DataFrame, pool: Executor) -> dict[str, pl.DataFrame]:
        layers = {"lowers": shard["lower_layer_id"].to_list(), "upper": shard["upper_layer_id"][0]}
        with self._asking() as ask:
            correlations = ask("from rank_correlations($run_id, $lowers, $upper)", **layers)
            asked = [ask(_STATISTICS + of_layers, **layers) for of_layers in _OF_LAYERS]
        of_one_size = [sets for computed in asked for sets in computed.partition_by("contribution_count")]
        statistics = pl.concat(with_dips(sets, pool) for sets in of_one_size)
        return {
            "contribution_statistics": statistics.sort("direction", "other_layer_id", "unit_id"),
            "layer_pair_statistics": correlations,
        }

    @cached_property
    def _threads(self) -> Executor:
        return ThreadPoolExecutor(self._at_once, "statistics")

    @cached_property
    def _workers(self) -> Executor:
        return workers()

    def close(self) -> None:
        for pool in ("_threads", "_workers"):
            if pool in vars(self):  # not started only to be ended
                vars(self)[pool].shutdown(cancel_futures=True)

    @contextmanager
    def _asking(self) -> Iterator[Callable[..., pl.DataFrame]]:
        """A function that queries the weights run over one connection: opening one takes longer than a plan."""
        with warehouse.read(self._path) as connection:
            yield partial(
                query_on, connection, row_limit=MOST_ROWS, time_limit_s=_TIME_LIMIT_S, run_id=self._weights_run_id
            )


def with_dips(computed: pl.DataFrame, pool: Executor) -> pl.DataFrame:
    """Rows of computed_contribution_statistics with sets of one size: dip and dip_p_value for their contributions.

    Null where a set is too small or does not vary, as its skewness is.
    """
    count = computed["contribution_count"][0]
    varied = computed.filter(pl.col("skewness").is_not_null())
    dip, p_value = dips(varied["weight_sums"].explode().to_numpy().reshape(-1, count), pool)
    keys = ["direction", "unit_id", "other_layer_id"]
    measured = varied.select(keys).with_columns(
        dip=pl.Series(dip, dtype=pl.Float64), dip_p_value=pl.Series(p_value, dtype=pl.Float64)
    )
    return computed.drop("weight_sums").join(measured, on=keys, how="left")
