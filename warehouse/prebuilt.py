"""Empty warehouses kept in the cache: a new file is a copy of one, as binding its views takes two seconds."""

from __future__ import annotations

import hashlib
import time
import uuid
from contextlib import suppress
from pathlib import Path

from warehouse.cache import default_cache
from warehouse.errors import StorageFull

_UNUSED_S = 30 * 24 * 3600
_DIGEST_BYTES = 32  # at a kept file's end: one that a crash cut short is not used


def copied(build_sha256: str, new: Path) -> bool:
    """Copy the warehouse that was built from this text; whether there was one, whole. Raises StorageFull."""
    try:
        kept = _kept(build_sha256).read_bytes()
    except (OSError, RuntimeError):
        return False
    content = kept[:-_DIGEST_BYTES]
    if hashlib.sha256(content).digest() != kept[-_DIGEST_BYTES:]:
        return False
    try:
        new.write_bytes(content)
    except OSError as error:
        raise StorageFull(new, error.strerror or str(error)) from error
    return True


def keep(build_sha256: str, built: Path) -> None:
    """Keep a closed, empty warehouse, where the cache can be written; those of long ago go."""
    with suppress(OSError, RuntimeError):
        kept = _kept(build_sha256)
        kept.parent.mkdir(parents=True, exist_ok=True)
        for other in kept.parent.iterdir():
            if time.time() - other.stat().st_mtime > _UNUSED_S:
                other.unlink()
        part = kept.with_name(f"{uuid.uuid4()}.part")
        content = built.read_bytes()
        part.write_bytes(content + hashlib.sha256(content).digest())
        part.replace(kept)


def _kept(build_sha256: str) -> Path:
    return default_cache() / "empty" / build_sha256
