"""Run every data test; exit code 1 when one fails."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse
from warehouse.text_table import text_table


def add_options(parser: ArgumentParser) -> None:
    """None of its own."""


def run(options: Namespace) -> int:
    from warehouse.checking import check

    results = check(chosen_warehouse(options))
    rows = [
        (result.check_name, "ok" if not result.failing_count else "FAILED", result.failing_count, result.first_failure)
        for result in results
    ]
    print(text_table(["check", "result", "failing rows", "first of them"], rows))
    return int(any(result.failing_count for result in results))
