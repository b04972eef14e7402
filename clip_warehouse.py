"""The command line: which verbs there are, and what a mistake prints. A verb is a file of a `commands` folder."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from pathlib import Path

from dashboards.commands import dashboard, report
from ingest.commands import demo, difference, evaluate, explain, find, kernel, probe, reproduce
from ingest.commands.jobs import add_jobs
from warehouse.commands import check, drop, explicit, export, load, merge, migrate, query, show, status
from warehouse.commands.verb import VerbParser, add_verb, chosen_warehouse
from warehouse.errors import ClipWarehouseError

_DESCRIPTION = "Take a CLIP ResNet apart and keep what you find in one DuckDB file."
_INTERRUPTED = 130
_KEPT = "what is finished is kept, the same command goes on"
_AT_ONCE = "the file has all of it or nothing: the same command begins anew, or finds it done"
# What a Ctrl-C leaves behind, for the verbs that write.
_LEFT_BEHIND = {
    **dict.fromkeys(("demo", "explain", "ingest", "load", "reproduce"), _KEPT),
    **dict.fromkeys(("drop", "explicit", "merge", "migrate", "show"), _AT_ONCE),
    "export": "nothing half written has the name that was given: the same command begins anew",
}


def command_line() -> ArgumentParser:
    """The parser of all verbs, in the order in which the help lists them."""
    parser = ArgumentParser(prog="clip-warehouse", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=_version())
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND", parser_class=VerbParser)
    add_verb(verbs, demo)
    add_jobs(verbs.add_parser("ingest", help="measure a model: one job each"))
    add_verb(verbs, reproduce, run=_reproduce_and_report)
    for verb in (report, status, show, drop, check, load, migrate, query, find, difference, kernel):
        add_verb(verbs, verb)
    add_verb(verbs, explain, run=_explain_and_draw)
    for verb in (export, merge, explicit, dashboard, evaluate, probe):
        add_verb(verbs, verb)
    return parser


def main(typed: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 good, 1 the warehouse or an input is at fault, 2 usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a word that the terminal cannot show is no reason to stop
    options = command_line().parse_args(typed)
    options.is_own_process = typed is None
    run: Callable[[Namespace], int | None] = options.run
    try:
        code = run(options) or 0
        sys.stdout.flush()
        return code
    except ClipWarehouseError as error:
        print(f"clip-warehouse: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _stopped(options.verb)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # a Ctrl-C inside DuckDB
            raise
        return _stopped(options.verb)
    except BrokenPipeError:
        _close_output()
        return 0
    except OSError as error:
        if error.filename is not None:
            print(f"clip-warehouse: cannot use {error.filename}: {error.strerror}; name another path", file=sys.stderr)
            return ClipWarehouseError.exit_code
        _close_output()
        print(f"clip-warehouse: {error.strerror or error}: the output could not be written", file=sys.stderr)
        return ClipWarehouseError.exit_code


def _reproduce_and_report(options: Namespace) -> int:
    """`ingest` does not know the pages, so the report of a reproduction is written from here."""
    if options.estimate:
        return reproduce.run(options)
    from dashboards.report.writing import require_writable

    path = chosen_warehouse(options)
    out = Path(options.report or path.with_suffix(".html"))
    require_writable(out, path)
    code = reproduce.run(options)
    report.run(Namespace(warehouse=options.warehouse, out=out, figures=None))
    return code


def _explain_and_draw(options: Namespace) -> None:
    """`ingest` does not know the pages, so the graph is drawn from here."""
    explain.run(options)
    if options.svg:
        from dashboards.report.picture_graphs import write_svg

        write_svg(chosen_warehouse(options), options.run_id, Path(options.svg))
        print(f"drawn to {options.svg}")


def _stopped(verb: str) -> int:
    left = _LEFT_BEHIND.get(verb)
    print(f"\nclip-warehouse: stopped{f'; {left}' if left else ''}", file=sys.stderr)
    return _INTERRUPTED


def _close_output() -> None:
    """Nobody reads it any more: Python must not write the rest of its buffer at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version() -> str:
    try:
        return f"clip-warehouse {version('clip-circuits-warehouse')}"
    except PackageNotFoundError:
        return "clip-warehouse (checkout)"


if __name__ == "__main__":
    sys.exit(main())
