"""What a verb of the command line is: a module, named after it, with its help, its options and what it does."""

from __future__ import annotations

import os
import sys
from argparse import PARSER, ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Verbs = _SubParsersAction["VerbParser"]


class Verb(Protocol):
    """A module: its docstring is the help.

    It is imported to parse any command line, so what is slow to import (torch, polars, duckdb) is imported in `run`.
    """

    __name__: str
    __doc__: str | None

    def add_options(self, parser: ArgumentParser) -> None: ...

    def run(self, options: Namespace) -> int | None:
        """The exit code; None is 0. A mistake is raised as a ClipWarehouseError."""


class VerbParser(ArgumentParser):
    """The parser of a verb: options may stand between its arguments, as in `export units --warehouse FILE units.csv`.

    Not where a `--` says where options end, which argparse's own way of doing so loses.
    """

    _is_inside = False  # that way asks parse_known_args again

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        has_verbs = any(action.nargs == PARSER for action in self._get_positional_actions())
        if self._is_inside or has_verbs or "--" in (args or ()):
            return super().parse_known_args(args, namespace)
        self._is_inside = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_inside = False


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
