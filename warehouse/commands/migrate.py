"""Upgrade a file of an earlier version: its tables, then its views; its rows stay."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse


def add_options(parser: ArgumentParser) -> None:
    """None of its own."""


def run(options: Namespace) -> None:
    from warehouse.schema import SCHEMA_VERSION, update

    path = chosen_warehouse(options)
    for name in update(path):
        print(f"{name} applied")
    print(f"{path} has schema {SCHEMA_VERSION} and this version's views")
