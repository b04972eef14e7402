"""Files that outlast a loss of power: synced before the rename that gives them their name, and that synced, too."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Put a file's content, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(path: Path) -> None:
    """A file, or a folder with everything below it."""
    for entry in path.rglob("*") if path.is_dir() else ():
        sync(entry)
    sync(path)


def rename_synced(written: Path, final: Path) -> None:
    """Give what was written its name, once all of it is on the disk."""
    sync_all(written)
    written.rename(final)
    sync(final.parent)
