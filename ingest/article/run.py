"""Doing the steps of a reproduction: costs first; a source that is gone stops its own step alone."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.article.costs import Cost, Rates, cost
from ingest.article.reproduction import Plan, Step
from warehouse.commands.verb import note
from warehouse.errors import InputError, StorageFull
from warehouse.text_table import text_table
from warehouse.wording import number_of

RunTyped = Callable[[Sequence[str], Path], None]  # runs the words after `clip-warehouse ingest` on a warehouse

_SHOWN_ARGUMENT = 60


@dataclass(frozen=True)
class Done:
    """How a step ended: nothing to say, or what went wrong and what was done instead."""

    title: str
    error: str = ""
    instead: str = ""

    @property
    def is_failed(self) -> bool:
        return bool(self.error and not self.instead)


def tell_costs(plan: Plan, todo: Iterable[Step], rates: Rates, path: Path) -> None:
    """Tell time and disk of every step. Raises StorageFull when the disk has no room for them."""
    costs = [(step, cost(plan, step, rates)) for step in todo]
    total = Cost(sum(each.seconds for _, each in costs), sum(each.size_bytes for _, each in costs))
    rows = [
        (step.title, number_of(step.work, step.counted.removesuffix("s")), *_in_words(each)) for step, each in costs
    ]
    note(f"{plan.model.label} on {plan.arithmetic.device}, at this machine's rate of now; finished steps take no time:")
    note(text_table(["step", "work", "time", "disk"], [*rows, ("all", "", *_in_words(total))]))
    free = shutil.disk_usage(path.absolute().parent).free
    if total.size_bytes > free:
        raise StorageFull(path, f"about {total.size_bytes / 1e9:,.1f} GB are needed, {free / 1e9:,.1f} GB are free")


def run_steps(todo: Iterable[Step], path: Path, run_typed: RunTyped) -> list[Done]:
    return [_run(step, path, run_typed) for step in todo]


def _run(step: Step, path: Path, run_typed: RunTyped) -> Done:
    """Run a step; a source that is gone, or an input that is missing, stops this step alone."""
    note(f"\n$ clip-warehouse ingest {_shown(step)}")
    try:
        run_typed(step.arguments, path)
    except InputError as error:
        note(f"{step.title}: {error}")
        if step.otherwise is None:
            return Done(step.title, str(error))
        note(f"instead of {step.title}: {step.otherwise.title}")
        other = _run(step.otherwise, path, run_typed)
        return Done(step.title, str(error), instead="" if other.is_failed else other.title)
    return Done(step.title)


def _shown(step: Step) -> str:
    """The command on one line; a list of a hundred addresses is cut."""
    return " ".join(
        shlex.quote(part) if len(part) <= _SHOWN_ARGUMENT or "://" in part else f"{part[:_SHOWN_ARGUMENT]}..."
        for part in step.arguments
    )


def _in_words(each: Cost) -> tuple[str, str]:
    minutes, hours = each.seconds / 60, each.seconds / 3600
    time = f"{each.seconds:,.0f} s" if minutes < 2 else f"{minutes:,.0f} min" if hours < 2 else f"{hours:,.1f} h"
    return time, f"{each.size_bytes / 1e6:,.1f} MB"
