"""What this machine can do: device, versions, whether the hub and Microscope answer."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.text_table import text_table


def add_options(parser: ArgumentParser) -> None:
    """None of its own."""


def run(options: Namespace) -> None:
    from ingest.network.probe import probe

    print(text_table(["what", "found"], probe(), width_limit=200))
