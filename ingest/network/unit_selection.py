"""Selecting units by address, from a list or a file. See definitions.md section 1."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.network.layers import Layer, parse_address, select_layers
from warehouse.errors import InputError, UnknownChannel, UsageError
from warehouse.lists import read_text

_FEW = 24
_UNIT_NAME = "unit_name"
_ADDRESS = re.compile(r"[0-9]+/[0-9]+/[0-9]+(/[0-9]+)?")


@dataclass(frozen=True)
class LayerUnits:
    """Some channels of one layer, in channel order."""

    layer: Layer
    channels: tuple[int, ...]

    @property
    def names(self) -> list[str]:
        return [f"{self.layer.layer_name}/{channel}" for channel in self.channels]


def select_units(layers: tuple[Layer, ...], text: str) -> tuple[LayerUnits, ...]:
    """The units named by addresses with commas (4/2/6 for a whole layer, 4/2/6/34 for one unit), in running order.

    Raises UnknownLayer and UnknownChannel for what the model does not have, UsageError when no unit is named.
    """
    by_name = {layer.layer_name: layer for layer in layers}
    chosen: dict[str, set[int]] = {}
    for address in (part.strip() for part in text.split(",") if part.strip()):
        numbers = parse_address(address)
        name = "/".join(map(str, numbers[:3]))
        (layer,) = (by_name[name],) if name in by_name else select_layers(layers, name)
        channels = numbers[3:] or range(layer.channel_count)
        if channels[-1] >= layer.channel_count:
            raise UnknownChannel(channels[-1], name, layer.channel_count)
        chosen.setdefault(name, set()).update(channels)
    if not chosen:
        raise UsageError(f"no unit in {text!r}: write layers or units, for example 4/2/6 or 4/2/6/34,4/2/6/2")
    return tuple(LayerUnits(layer, tuple(sorted(chosen[name]))) for name, layer in by_name.items() if name in chosen)


def named_units(text: str) -> str:
    """If `text` is the path of a file, the addresses in it, one per line; else `text`.

    The file may be a CSV or TSV as a query writes it: its column unit_name is read, or else the first column that
    holds addresses. Raises InputError.
    """
    path = Path(text).expanduser()
    try:
        if not path.is_file():
            return text
    except OSError:  # a list of a few hundred addresses is too long to be a path
        return text
    try:
        addresses = _addresses(read_text(path))
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(f"cannot read {path}: {error}; write one address per line, for example 4/2/6/34") from error
    if not addresses:
        raise InputError(
            f"{path} names no unit: write one address per line, for example 4/2/6/34, or a column unit_name"
        )
    return ",".join(addresses)


def _addresses(content: str) -> list[str]:
    """The addresses of a list or table: column unit_name, else the first column that holds any."""
    mark = "\t" if "\t" in content else ";" if ";" in content else ","
    read = csv.reader(io.StringIO(content, newline=""), delimiter=mark)
    rows = [[cell.strip().strip("'") for cell in row] for row in read if row]
    head = [cell.lower() for cell in rows[0]] if rows else []
    if _UNIT_NAME in head:
        place = head.index(_UNIT_NAME)
        return [row[place] for row in rows[1:] if len(row) > place and row[place]]
    if not any(map(_ADDRESS.fullmatch, head)):  # a header line: a list of addresses with commas has none
        places = [place for row in rows[1:2] for place, cell in enumerate(row) if _ADDRESS.fullmatch(cell)]
        if places:
            return [row[places[0]] for row in rows[1:] if len(row) > places[0] and row[places[0]]]
    return [cell for row in rows for cell in " ".join(row).split() if any(map(str.isdigit, cell)) or "/" in cell]


def few_units(layers: tuple[Layer, ...]) -> str:
    """Two dozen units of the last block's output, evenly spaced: a sample that is not hand-picked."""
    last = layers[-1]
    step = max(1, last.channel_count // _FEW)
    return ",".join(f"{last.layer_name}/{channel}" for channel in range(0, last.channel_count, step)[:_FEW])


def units_sha256(units: Sequence[LayerUnits]) -> str:
    return hashlib.sha256("\n".join(name for some in units for name in some.names).encode()).hexdigest()


def cut_units(units: Sequence[LayerUnits], size: int) -> list[LayerUnits]:
    """The units cut into shards of at most `size` units, each of one layer."""
    return [
        LayerUnits(some.layer, some.channels[start : start + size])
        for some in units
        for start in range(0, len(some.channels), size)
    ]
