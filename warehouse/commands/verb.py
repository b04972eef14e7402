"""What a verb of the command line is: a module, named after it, with its help, its options and what it does."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Verbs = _SubParsersAction[ArgumentParser]


class Verb(Protocol):
    """A module: its docstring is the help.

    It is imported to parse any command line, so what is slow to import (torch, polars, duckdb) is imported in `run`.
    """

    __name__: str
    __doc__: str | None

    def add_options(self, parser: ArgumentParser) -> None: ...

    def run(self, options: Namespace) -> int | None:
        """The exit code; None is 0. A mistake is raised as a ClipWarehouseError."""


def add_verb(verbs: Verbs, verb: Verb, run: Callable[[Namespace], int | None] | None = None) -> None:
    """Add a verb with its help and `--warehouse`; `run` replaces what it does."""
    described = " ".join((verb.__doc__ or "").split())
    parser = verbs.add_parser(verb.__name__.rpartition(".")[2], help=described.rstrip("."), description=described)
    parser.add_argument(
        "--warehouse", metavar="FILE", help="the DuckDB file; default $CLIP_WAREHOUSE, then warehouse.duckdb"
    )
    verb.add_options(parser)
    parser.set_defaults(run=run or verb.run)


def chosen_warehouse(options: Namespace) -> Path:
    from warehouse.connection import warehouse_path

    return warehouse_path(options.warehouse)


def at_home(text: str) -> str:
    """The type of options that are paths: `~` is a person's home, in quotes and after `=`, too."""
    return os.path.expanduser(text)  # noqa: PTH111 (as a path, an https address would lose a slash)


def wait_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait for other processes to close the file (%(default)s)"
    )


def note(text: str) -> None:
    """Tell something beside the output."""
    print(text, file=sys.stderr)
