"""The verb that looks at the machine."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ingest.network.probe import probe as look
from warehouse.text_table import text_table


def probe(options: Namespace, path: Path) -> None:
    print(text_table(["what", "found"], look(), width_limit=200))
