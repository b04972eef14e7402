"""The pictures that a verb shows, as an inventory. It needs torch, so verbs import it inside `run`."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.commands.running import RAY
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_items import Columns, LeftOut
from ingest.stimuli.picture_sources import BUNDLED_SET, items
from warehouse.commands.verb import note
from warehouse.errors import InputError
from warehouse.wording import number_of

_KINDS_SAID = 8


@contextmanager
def inventory_of(sources: Sequence[str], options: Namespace, path: Path) -> Iterator[Inventory]:
    """The inventory of the sources (none: the bundled set), for as long as it is needed, with a word on what was found.

    Raises InputError for folders that cannot be read, unless --unreadable keep was given.
    """
    sources, left_out = sources or [BUNDLED_SET], LeftOut()
    columns = Columns(options.image_column, options.caption_column)
    with tempfile.TemporaryDirectory(prefix="clip-warehouse-", dir=_shared_folder(options, path)) as folder:
        inventory = take_inventory(
            items(sources, columns, left_out),
            Path(folder),
            _counting(sources[0]),
            keeps_unanswered=options.unanswered == "keep",
            keeps_unreadable=options.unreadable == "keep",
        )
        _say_left_out(left_out, is_stopped=options.unreadable != "keep")
        if doubles := inventory.given_count - inventory.picture_count:
            note(f"{number_of(inventory.given_count, 'file')} given, {doubles:,} with the bytes of another")
        yield inventory


def _say_left_out(left_out: LeftOut, *, is_stopped: bool) -> None:
    if left_out.kinds:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in left_out.kinds.most_common(_KINDS_SAID))
        note(f"left out {number_of(left_out.kinds.total(), 'file')} of other kinds than pictures: {kinds}")
    if left_out.closed_folders:
        (folder, reason), count = left_out.closed_folders[0], len(left_out.closed_folders)
        said = f"{number_of(count, 'folder')} cannot be read, the first {folder} ({reason})"
        if is_stopped:
            raise InputError(f"{said}: give yourself access, or go on without with --unreadable keep")
        note(f"{said}: their pictures are missing")


def _shared_folder(options: Namespace, path: Path) -> Path | None:
    """Where workers of a cluster find the inventory too: beside the warehouse; None for this machine's own place."""
    return path.absolute().parent if options.runner == RAY else None


def _counting(source: str) -> Callable[[int], None]:
    counted = 0

    def advance(count: int) -> None:
        nonlocal counted
        counted += count
        if counted % 65_536 < count:
            note(f"reading {source}: {number_of(counted, 'picture')}")

    return advance
