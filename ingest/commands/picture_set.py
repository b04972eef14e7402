"""The pictures that a verb shows, as an inventory. It needs torch, so verbs import it inside `run`."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.commands.running import RAY
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import BUNDLED_SET, items
from warehouse.commands.verb import note


@contextmanager
def inventory_of(source: str | None, options: Namespace, path: Path) -> Iterator[Inventory]:
    """The inventory of a source, for as long as it is needed, with a word on what was found."""
    source = source or BUNDLED_SET
    with tempfile.TemporaryDirectory(prefix="clip-warehouse-", dir=_shared_folder(options, path)) as folder:
        keeps = options.unanswered == "keep"
        inventory = take_inventory(items(source), Path(folder), _counting(source), keeps_unanswered=keeps)
        if doubles := inventory.given_count - inventory.picture_count:
            note(f"{inventory.given_count:,} files given, {doubles:,} with the bytes of another")
        yield inventory


def _shared_folder(options: Namespace, path: Path) -> Path | None:
    """Where workers of a cluster find the inventory too: beside the warehouse; None for this machine's own place."""
    return path.absolute().parent if options.runner == RAY else None


def _counting(source: str) -> Callable[[int], None]:
    counted = 0

    def advance(count: int) -> None:
        nonlocal counted
        counted += count
        if counted % 65_536 < count:
            note(f"reading {source}: {counted:,} pictures")

    return advance
