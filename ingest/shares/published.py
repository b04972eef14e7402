"""Job `published`: the shortcut shares that the original repository ships as text, one line a unit.

Source: definitions.md section 6, `relu_conv_bottleneck_*.txt`. A line is
`Unit 11 -> (tensor(0.1499, device='cuda:0', dtype=torch.float16), 0.93304443359375)`: the share, then the cosine
distance, which is nan for a dead channel.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingest.network.layers import output_layer
from ingest.runs.job import Advance, Job
from ingest.stimuli.downloads import download
from warehouse.cache import default_cache
from warehouse.errors import InputError
from warehouse.loading import Run

_NUMBER = r"[-+]?(?:nan|inf|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)"
_SCALAR = rf"(?:tensor\(\s*({_NUMBER})[^()]*\)|({_NUMBER}))"
_LINE = re.compile(rf"\s*unit\s+(\d+)\s*->\s*\(\s*{_SCALAR}\s*,\s*{_SCALAR}\s*\)\s*", re.IGNORECASE)
_LONGEST_SHOWN = 60
_ROUNDING = 0.01  # of float16 arithmetic, in which a cosine may pass 1


@dataclass(frozen=True)
class PublishedSettings:
    """Everything that decides the rows of a published run: the bottleneck that the file is about, and its content."""

    bottleneck: str
    content_sha256: str


class PublishedJob(Job):
    """The shares of one file; it measures no model."""

    name = "published"
    counted = "units"
    settings: PublishedSettings

    def __init__(self, content: bytes, bottleneck: str, source_uri: str) -> None:
        self.part_name = bottleneck
        self.settings = PublishedSettings(bottleneck, hashlib.sha256(content).hexdigest())
        self.shares = read_shares(content, bottleneck, source_uri)
        self.shards = [self.shares]

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The rows of `published_shares`."""
        advance(len(self.shares))
        return {"published_shares": self.shares}


def content_of(source: str) -> bytes:
    """The bytes of a file, or of an address, which is downloaded once. Raises InputError, DownloadFailed, SiteGone."""
    if "://" in source:
        return download(source, default_cache())
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror or error}; name a file or an https address") from error


def read_shares(content: bytes, bottleneck: str, source_uri: str) -> pl.DataFrame:
    """Rows of `published_shares` without run_id, in the order of the file.

    Raises InputError with the line's number for one that cannot be read, or for a unit that comes twice.
    """
    layer_name = output_layer(bottleneck)
    rows = []
    seen: dict[int, int] = {}
    for line_number, channel, share, distance in _lines(content, source_uri):
        if channel in seen:
            raise _unreadable(source_uri, line_number, f"unit {channel} stands in line {seen[channel]} too")
        seen[channel] = line_number
        has_share = share > 0 or distance == distance  # a dead channel is printed as share 0 of distance nan
        rows.append((f"{layer_name}/{channel}", share if has_share else None, distance))
    if not rows:
        raise InputError(f"{source_uri} holds no line like 'Unit 11 -> (tensor(0.1499), 0.93)': name another file")
    columns = {"unit_name": pl.String, "shortcut_share": pl.Float32, "cosine_distance": pl.Float32}
    return pl.DataFrame(rows, columns, orient="row").fill_nan(None).with_columns(source_uri=pl.lit(source_uri))


def _lines(content: bytes, source_uri: str) -> Iterator[tuple[int, int, float, float]]:
    """Line number, channel, share and cosine distance of each line that is not blank."""
    for line_number, line in enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise _unreadable(source_uri, line_number, f"{line[:_LONGEST_SHOWN]!r} is not a unit's share")
        channel, *numbers = (text for text in match.groups() if text is not None)
        share, distance = map(float, numbers)
        if not _is_within(share, 1) or not _is_within(distance, 2):
            raise _unreadable(source_uri, line_number, f"share {share:g}, distance {distance:g} are out of bounds")
        yield line_number, int(channel), share, distance


def _is_within(value: float, largest: float) -> bool:
    """Whether a value lies in 0..largest as far as float16 can tell, or is nan."""
    return value != value or -_ROUNDING <= value <= largest + _ROUNDING


def _unreadable(source_uri: str, line_number: int, reason: str) -> InputError:
    return InputError(
        f"{source_uri}, line {line_number}: {reason}; expected 'Unit 11 -> (tensor(0.1499), 0.93)' "
        "(share within 0..1, cosine distance within 0..2), each unit once"
    )
