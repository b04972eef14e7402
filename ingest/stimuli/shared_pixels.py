"""Memory that decoding processes leave pixels in, for the process that wants them.

Through the pipe of a pool, each picture would be copied four times, by one thread of the process that has the model.
"""

from __future__ import annotations

import mmap
import os
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from multiprocessing.reduction import DupFd
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.stimuli.decoding import Decoded

Shape = tuple[int, ...]  # slots, pictures a slot, height, width, channels


class Sent(NamedTuple):
    """What goes through the pipe; the pixels of the pictures at some places are in a slot instead."""

    decoded: list[Decoded]
    places: frozenset[int] = frozenset()


class SharedPixels:
    """Slots for the pixels of some pictures each. A process to which it is given as it begins has the same memory.

    A slot is free again when nothing refers to its pixels any more.
    """

    def __init__(self, file: int, shape: Shape) -> None:
        self._file, self._shape = file, shape
        self._memory = mmap.mmap(file, prod(shape))
        self._close = weakref.finalize(self, os.close, file)
        self._free = list(range(shape[0]))

    @classmethod
    def new(cls, shape: Shape) -> SharedPixels | None:
        """None where there is no such memory: it is Linux's, and may be short."""
        try:
            return _mapped(os.memfd_create("pixels"), shape)
        except (AttributeError, OSError):
            return None

    def __reduce__(self) -> tuple[Callable[..., SharedPixels | None], tuple[Any, ...]]:
        """While multiprocessing starts a process, which is when a file can be passed on, and not otherwise."""
        return _given, (DupFd(self._file), self._shape)

    def take(self) -> int | None:
        """A free slot, if there is one; it is taken until it is given back or the pixels that it got are gone."""
        return self._free.pop() if self._free else None

    def give_back(self, slot: int) -> None:
        self._free.append(slot)

    def put(self, slot: int, decoded: Sequence[Decoded]) -> Sent:
        """Leave the pixels of decoded pictures in a slot."""
        pixels = self._memory_of(slot).reshape(self._shape[1:])
        shown = {place: one.pixels for place, one in enumerate(decoded) if one.pixels is not None}
        for place, found in shown.items():
            pixels[place] = found
        return Sent([replace(one, pixels=None) for one in decoded], frozenset(shown))

    def received(self, slot: int, sent: Sent) -> list[Decoded]:
        """The same pictures in the process that took the slot."""
        memory = self._memory_of(slot)
        weakref.finalize(memory, self.give_back, slot)  # each picture's pixels refer to it
        pixels = memory.reshape(self._shape[1:])
        return [
            replace(one, pixels=pixels[place]) if place in sent.places else one
            for place, one in enumerate(sent.decoded)
        ]

    def close(self) -> None:
        """No other process can be given this memory any more; it lasts as long as one of its pictures."""
        self._close()

    def _memory_of(self, slot: int) -> NDArray[np.uint8]:
        size = prod(self._shape[1:])
        return np.frombuffer(self._memory, np.uint8, size, slot * size)


def _given(file: Any, shape: Shape) -> SharedPixels | None:
    """In the other process, None where memory is short: pixels then go through the pipe."""
    try:
        return _mapped(file.detach(), shape)
    except OSError:
        return None


def _mapped(file: int, shape: Shape) -> SharedPixels:
    try:
        os.ftruncate(file, prod(shape))
        return SharedPixels(file, shape)
    except OSError:
        os.close(file)
        raise
