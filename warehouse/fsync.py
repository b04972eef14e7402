"""Files that survive a power cut: synced, renamed to their final name, and the rename synced too."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Force a file's content, or the names in a folder, to the disk."""
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
    """Rename what was written to its final name, once all of it is on the disk."""
    sync_all(written)
    written.rename(final)
    sync(final.parent)
