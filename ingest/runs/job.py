"""What a job is: one measurement, cut into shards. A measurement's job derives from ModelJob and says what differs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.network.trunk import Trunk
from warehouse.loading import NO_STIMULI, Run

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Advance = Callable[[int], None]  # called with how much more of `counted` is done
Rows = Callable[[], Mapping[str, pl.DataFrame]]  # returns a shard's rows, without run_id, by table


class Job(ABC):
    """One measurement of one model, or a file to import, without a model.

    Shards are deterministic: the same settings and index give the same rows (of top examples, at least those that can
    still be among the run's). The views show the newest complete run of each name and part_name.

    name: of the job, as in `runs`; part_name: tells runs of one job apart that are all shown; counted: what a shard
    shows to the model, for the progress bar; settings: a frozen dataclass of everything that decides the numbers,
    hashed into the run's identity; stimuli: those known before the first shard; baseline_content_sha256: the stimulus
    to subtract, None for the mean; unreadable: ids of images that could not be read; without_unreadable: what that
    means for the numbers; others: further models that its rows refer to; reads_its_file: whether shards are computed
    from the warehouse itself, so that what is staged is loaded when all are.
    """

    name: ClassVar[str]
    counted: ClassVar[str]
    without_unreadable: ClassVar[str] = "they are left out"
    reads_its_file: ClassVar[bool] = False
    part_name: str = ""
    settings: DataclassInstance
    shards: Sequence[Any]
    stimuli: pl.DataFrame = NO_STIMULI
    baseline_content_sha256: str | None = None
    model: ClipModel | None = None
    others: Sequence[ClipModel] = ()
    arithmetic = Arithmetic("cpu")

    @property
    def shard_count(self) -> int:
        return len(self.shards)

    def size_of(self, shard_index: int) -> int:
        """How much of `counted` a shard has."""
        return len(self.shards[shard_index])

    @abstractmethod
    def compute(self, shard_index: int, run: Run, advance: Advance) -> Mapping[str, pl.DataFrame]:
        """The shard's rows, without run_id, by table."""

    def measured(self, shard_index: int, run: Run, advance: Advance) -> Rows:
        """Measure a shard; the function returned makes its rows, on a GPU in another thread beside the next shard."""
        rows = self.compute(shard_index, run, advance)
        return lambda: rows

    def close(self) -> None:  # noqa: B027 - most jobs start nothing
        """End the processes that the job has started."""

    @cached_property
    def unreadable(self) -> set[int]:
        return set()


class ModelJob(Job):
    """A measurement of a model's trunk."""

    model: ClipModel

    def __init__(self, model: ClipModel, arithmetic: Arithmetic) -> None:
        self.model, self.arithmetic = model, arithmetic

    @cached_property
    def trunk(self) -> Trunk:
        """Moved to its device only by a process that computes shards."""
        return self.model.trunk_in(self.arithmetic)


class MeasuredJob(ModelJob):
    """A measurement that makes its rows in a second step: a subclass defines `measured` instead of `compute`."""

    @abstractmethod
    def measured(self, shard_index: int, run: Run, advance: Advance) -> Rows: ...

    def compute(self, shard_index: int, run: Run, advance: Advance) -> Mapping[str, pl.DataFrame]:
        return self.measured(shard_index, run, advance)()


def cut(count: int, size: int) -> list[range]:
    """0 .. count - 1 in parts of `size`; the last part may be smaller."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
