"""A decoder that dies of one content; in a module of its own, as every worker process imports what it is given."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from ingest.stimuli.decoding import Decoded, DecodingSettings, decode_all

KILLING = b"kill"


def decode_or_die(wanted: Sequence[tuple[str, str]], settings: DecodingSettings) -> list[Decoded]:
    if any(Path(uri).read_bytes() == KILLING for uri, _ in wanted):
        os.kill(os.getpid(), signal.SIGKILL)
    return decode_all(wanted, settings)
