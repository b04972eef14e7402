"""Blur pictures on every page until a person reveals them, or, with --clear, no longer."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from warehouse.commands.verb import at_home, chosen_warehouse
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=at_home, help="pictures, one per line: addresses, file names or SHA-256 of the bytes"
    )
    parser.add_argument("--clear", action="store_true", help="no longer blur them")


def run(options: Namespace) -> None:
    from warehouse.explicit import mark_explicit
    from warehouse.lists import read_list

    entries = read_list(Path(options.file))
    count = mark_explicit(chosen_warehouse(options), entries, is_explicit=not options.clear)
    became = "no longer explicit" if options.clear else "explicit now"
    print(f"{number_of(count, 'picture')} {became}, {len(entries):,} listed")
