"""The verb that does the whole article: an estimate first, then every job in order, whatever source may be gone."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.article.costs import Cost, Rates, cost, measured
from ingest.article.reproduction import PUBLISHED_URL, Plan, Step, published_steps, steps, word_list
from ingest.commands.running import named, note, print_example, run_typed
from ingest.network.device import arithmetic
from ingest.network.model import load_model
from ingest.stimuli.picture_sources import items
from warehouse.errors import HubGone, InputError, StorageFull, UsageError
from warehouse.text_table import text_table

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


def reproduce(options: Namespace, path: Path) -> int:
    """Run what can be run, then print the claims; exit code 1 when a step could not be done, 0 otherwise.

    Raises StorageFull before any work when the disk has no room for it, InputError or UsageError for a source or a
    model that was named and is none.
    """
    _require_sources(options)
    try:
        plan = _plan(options)
    except HubGone as error:
        return _without_weights(options, path, error)
    with tempfile.TemporaryDirectory(prefix="clip-warehouse-") as folder:
        word_file = Path(folder) / "words.txt"
        word_file.write_text("\n".join(word_list(plan)), encoding="utf-8")
        todo = steps(plan, word_file)
        _tell_costs(plan, todo, measured(plan), path)
        return 0 if options.estimate else _ended(_all_done(todo, path), path)


def _without_weights(options: Namespace, path: Path, error: HubGone) -> int:
    note(f"no weights: {error}")
    if options.estimate:
        return 1
    note("the article's published figures need none: they are read all the same")
    done = [Done("model", str(error)), *_all_done(published_steps(options.published or PUBLISHED_URL), path)]
    return _ended(done, path)


def _require_sources(options: Namespace) -> None:
    """Tell a source that is not there before any work; whether a site answers, its own step finds out."""
    if options.published and "://" not in options.published and not Path(options.published).is_dir():
        raise InputError(f"--published {options.published}: no such folder; name one, or an https address")
    if options.site and not options.site.startswith(("https://", "http://")):
        raise UsageError(f"--site {options.site}: write the mirror's address, https://...")
    if options.pictures and next(items(options.pictures), None) is None:
        raise InputError(f"--pictures {options.pictures}: there is no picture in it")


def _plan(options: Namespace) -> Plan:
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    return Plan(
        model,
        where,
        _model_options(options),
        options.quick,
        pictures=options.pictures or "",
        published=options.published or PUBLISHED_URL,
        site=options.site or "",
    )


def _model_options(options: Namespace) -> tuple[str, ...]:
    """What every job is told of the model, as it would be typed; what is the default is left out."""
    pretrained = ("--pretrained", options.pretrained) if options.pretrained else ()
    seed = ("--seed", str(options.seed)) if options.seed else ()
    precision = ("--precision", options.precision) if options.precision != "float32" else ()
    device = ("--device", options.device) if options.device != "auto" else ()
    return ("--model", options.model, *pretrained, *seed, *precision, *device)


def _tell_costs(plan: Plan, todo: Iterable[Step], rates: Rates, path: Path) -> None:
    costs = [(step, cost(plan, step, rates)) for step in todo]
    total = Cost(sum(each.seconds for _, each in costs), sum(each.size_bytes for _, each in costs))
    rows = [(step.title, f"{step.work:,} {step.counted}", *_in_words(each)) for step, each in costs]
    note(f"{named(plan.model)} on {plan.where.device}, at this machine's rate of now; finished steps take no time:")
    note(text_table(["step", "work", "time", "disk"], [*rows, ("all", "", *_in_words(total))]))
    free = shutil.disk_usage(path.absolute().parent).free
    if total.size_bytes > free:
        raise StorageFull(path, f"about {total.size_bytes / 1e9:,.1f} GB are needed, {free / 1e9:,.1f} GB are free")


def _in_words(each: Cost) -> tuple[str, str]:
    minutes, hours = each.seconds / 60, each.seconds / 3600
    time = f"{each.seconds:,.0f} s" if minutes < 2 else f"{minutes:,.0f} min" if hours < 2 else f"{hours:,.1f} h"
    return time, f"{each.size_bytes / 1e6:,.1f} MB"


def _all_done(todo: Iterable[Step], path: Path) -> list[Done]:
    return [_do(step, path) for step in todo]


def _do(step: Step, path: Path) -> Done:
    """Run a step; a source that is gone, or an input that is missing, stops this step alone."""
    note(f"\n$ clip-warehouse ingest {_typed(step)}")
    try:
        run_typed(step.arguments, path)
    except InputError as error:
        note(f"{step.title}: {error}")
        if step.otherwise is None:
            return Done(step.title, str(error))
        note(f"instead of {step.title}: {step.otherwise.title}")
        other = _do(step.otherwise, path)
        return Done(step.title, str(error), instead="" if other.is_failed else other.title)
    return Done(step.title)


def _typed(step: Step) -> str:
    """The command on one line; a list of a hundred addresses is cut."""
    return " ".join(
        shlex.quote(part) if len(part) <= _SHOWN_ARGUMENT or "://" in part else f"{part[:_SHOWN_ARGUMENT]}..."
        for part in step.arguments
    )


def _ended(done: list[Done], path: Path) -> int:
    """Tell what was left out and why, then what the file says now. Raises InputError when there is no file at all."""
    note("")
    for each in done:
        if each.instead:
            note(f"{each.title} was replaced by {each.instead}: {each.error}")
        elif each.error:
            note(f"{each.title} could not be done: {each.error}")
    failed = [each.title for each in done if each.is_failed]
    if not path.exists():
        raise InputError("no source could be reached, so nothing was written: run the same command again later")
    if failed:
        note(f"done without {', '.join(failed)}; the same command goes on where something was missing")
    print_example("claims", path)
    return int(bool(failed))
