"""The folder where a user's programs keep what can be fetched or made again."""

from __future__ import annotations

import os
from pathlib import Path


def default_cache() -> Path:
    """$XDG_CACHE_HOME or ~/.cache, clip-warehouse/. Raises RuntimeError where a user has no home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clip-warehouse"
