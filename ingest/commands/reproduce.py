"""The article on one model: an estimate, every job in order, the claims beside what the weights say, a report."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.jobs import run_typed
from ingest.commands.options import model_options
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.errors import HubGone, InputError, UsageError

if TYPE_CHECKING:
    from ingest.article.reproduction import Plan
    from ingest.article.run import Done
    from ingest.network.model import ClipModel


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    parser.set_defaults(model="RN50-quickgelu")
    parser.add_argument("--quick", action="store_true", help="fewer words, weights and features: minutes on a CPU")
    parser.add_argument("--estimate", action="store_true", help="say how much time and disk it takes, and do nothing")
    parser.add_argument("--pictures", metavar="SOURCE", help="picture set for dataset examples; default: the bundled")
    parser.add_argument(
        "--published",
        type=at_home,
        metavar="DIR_OR_URL",
        help="where relu_conv_bottleneck_4_0.txt and so on are; default: the original's repository",
    )
    parser.add_argument("--site", metavar="URL", help="a mirror of OpenAI Microscope, should the site be gone")
    parser.add_argument(
        "--report", type=at_home, metavar="FILE", help="the report; default: FILE.html beside the warehouse"
    )


def run(options: Namespace) -> int:
    """Run what can be run, then print the claims; exit code 1 when a step could not be done, 0 otherwise.

    Raises StorageFull before any work when the disk has no room for it, InputError or UsageError for a source or a
    model that was named and does not exist.
    """
    from ingest.article.costs import measured
    from ingest.article.reproduction import steps, word_list
    from ingest.article.run import run_steps, tell_costs

    path = chosen_warehouse(options)
    _require_sources(options)
    try:
        plan = _plan(options)
    except HubGone as error:
        return _without_weights(options, path, error)
    with tempfile.TemporaryDirectory(prefix="clip-warehouse-") as folder:
        word_file = Path(folder) / "words.txt"
        word_file.write_text("\n".join(word_list(plan)), encoding="utf-8")
        todo = steps(plan, word_file)
        tell_costs(plan, todo, measured(plan), path)
        if options.estimate:
            return 0
        done = run_steps(todo, path, run_typed)
    return _ended(done, path, plan.model, plan.published_name)


def _without_weights(options: Namespace, path: Path, error: HubGone) -> int:
    from ingest.article.claimed import published_name
    from ingest.article.reproduction import PUBLISHED_URL, published_steps
    from ingest.article.run import Done, run_steps

    note(f"no weights: {error}")
    if options.estimate:
        return 1
    note("the article's published figures need none: they are read all the same")
    todo = published_steps(options.published or PUBLISHED_URL)
    done = [Done("model", str(error)), *run_steps(todo, path, run_typed)]
    return _ended(done, path, None, published_name(options.model, options.pretrained or "openai"))


def _require_sources(options: Namespace) -> None:
    """Tell a source that is not there before any work; whether a site answers, its own step finds out."""
    from ingest.stimuli.picture_sources import items

    if options.published and "://" not in options.published and not Path(options.published).is_dir():
        raise InputError(f"--published {options.published}: no such folder; name one, or an https address")
    if options.site and not options.site.startswith(("https://", "http://")):
        raise UsageError(f"--site {options.site}: write the mirror's address, https://...")
    if options.pictures and next(items(options.pictures), None) is None:
        raise InputError(f"--pictures {options.pictures}: there is no picture in it")


def _plan(options: Namespace) -> Plan:
    from ingest.article.reproduction import PUBLISHED_URL, Plan
    from ingest.commands.running import model_of
    from ingest.network.device import arithmetic

    where = arithmetic(options.device, options.precision)
    return Plan(
        model_of(options),
        where,
        _typed_model_options(options),
        options.quick,
        pictures=options.pictures or "",
        published=options.published or PUBLISHED_URL,
        site=options.site or "",
    )


def _typed_model_options(options: Namespace) -> tuple[str, ...]:
    """What every job is told of the model, as it would be typed; what is the default is left out."""
    pretrained = ("--pretrained", options.pretrained) if options.pretrained else ()
    seed = ("--seed", str(options.seed)) if options.seed else ()
    precision = ("--precision", options.precision) if options.precision != "float32" else ()
    device = ("--device", options.device) if options.device != "auto" else ()
    return ("--model", options.model, *pretrained, *seed, *precision, *device)


def _ended(done: list[Done], path: Path, model: ClipModel | None, published_name: str | None) -> int:
    """Tell what was left out and why, then what the file says now. Raises InputError when there is no file at all."""
    from ingest.article.telling import tell_claims

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
    tell_claims(path, model, published_name)
    return int(bool(failed))
