"""Addresses of units, block/bottleneck/index/channel, and what a block's output adds.

See docs/definitions.md sections 1 and 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"\s*([0-9]+)\s*/\s*([0-9]+)\s*/\s*([0-9]+)(?:\s*/\s*([0-9]+))?\s*")
_RESIDUAL, _OUTPUT, _DOWNSAMPLE, _FIRST_OUTPUT = 5, 6, 7, 8


@dataclass(frozen=True)
class Branches:
    """The units that a unit of a block's output adds: the same channel of its shortcut and of its last convolution."""

    shortcut: str
    residual: str


def tidy(typed: str) -> str:
    """An address without its spaces, a layer's with channel 0; any other text stripped."""
    match = _ADDRESS.fullmatch(typed)
    return "/".join(part or "0" for part in match.groups()) if match else typed.strip()


def output_op(bottleneck_index: int) -> int:
    """Op index of a bottleneck's output: 8 in a block's first bottleneck, 6 in the others."""
    return _FIRST_OUTPUT if bottleneck_index == 0 else _OUTPUT


def branches(unit_name: str) -> Branches | None:
    """The two branches of a block's output, index 6 or 8; None for any other unit."""
    block, bottleneck, op_index, channel = map(int, unit_name.split("/"))
    residual = f"{block}/{bottleneck}/{_RESIDUAL}/{channel}"
    if op_index == _FIRST_OUTPUT:
        return Branches(f"{block}/{bottleneck}/{_DOWNSAMPLE}/{channel}", residual)
    if op_index != _OUTPUT:
        return None
    return Branches(f"{block}/{bottleneck - 1}/{output_op(bottleneck - 1)}/{channel}", residual)


def output_of(unit_name: str) -> str | None:
    """The block's output that a last convolution or shortcut unit is added into; None for index 1 and 3."""
    block, bottleneck, op_index, channel = map(int, unit_name.split("/"))
    if op_index not in (_RESIDUAL, _DOWNSAMPLE):
        return None
    return f"{block}/{bottleneck}/{output_op(bottleneck)}/{channel}"
