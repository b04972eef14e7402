"""What both models are shown, place by place: the same pictures, the same words, or a picture and its caption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.network.model import ClipModel
from ingest.stimuli.kept_pictures import KeptPictures
from ingest.stimuli.texts import RasterSettings, problem, rasterise

Pixels = NDArray[np.uint8]
Sides = tuple[list[Pixels | None], list[Pixels | None]]


class Shown(Protocol):
    """kind: as stored; stimuli: rows as in jobs; names: stimuli of one name are in one half, as a word must not be in
    both the choice and the judgement; sha256: of everything that decides what the models see.
    """

    @property
    def kind(self) -> str: ...

    @property
    def stimuli(self) -> pl.DataFrame: ...

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def sha256(self) -> str: ...

    def read(self, places: Sequence[int]) -> Sides:
        """Pixels for the model and for the other; None where a picture is gone or changed."""


@dataclass(frozen=True)
class ShownPictures:
    """The same pictures."""

    pictures: KeptPictures
    model: ClipModel
    other: ClipModel
    kind = "pictures"

    @property
    def stimuli(self) -> pl.DataFrame:
        return self.pictures.stimuli

    @property
    def names(self) -> list[str]:
        return self.stimuli["content_sha256"].to_list()

    @property
    def sha256(self) -> str:
        return _sha256(self.names)

    def read(self, places: Sequence[int]) -> Sides:
        own = self.pictures.read(places, self.model.image_size_px)
        if self.model.image_size_px == self.other.image_size_px:
            return own, own
        return own, self.pictures.read(places, self.other.image_size_px)


@dataclass(frozen=True)
class ShownWords:
    """The same words, each model's at its own size. words: those that fit both."""

    words: Sequence[str]
    stimuli: pl.DataFrame = field(repr=False)
    raster: RasterSettings
    other_raster: RasterSettings
    kind = "words"

    @property
    def names(self) -> Sequence[str]:
        return self.words

    @property
    def sha256(self) -> str:
        return _sha256(
            [raster.content_sha256(word) for raster in (self.raster, self.other_raster) for word in self.words]
        )

    def read(self, places: Sequence[int]) -> Sides:
        words = [self.words[place] for place in places]
        return list(rasterise(words, self.raster)), list(rasterise(words, self.other_raster))


@dataclass(frozen=True)
class ShownCaptions:
    """A picture's caption, written, for the model; the picture for the other. pictures: those whose caption fits."""

    pictures: KeptPictures
    raster: RasterSettings
    other: ClipModel
    kind = "captions"

    @property
    def stimuli(self) -> pl.DataFrame:
        return self.pictures.stimuli

    @property
    def names(self) -> list[str]:
        return self.stimuli["stimulus_text"].to_list()

    @property
    def sha256(self) -> str:
        written = [self.raster.content_sha256(text) for text in self.names]
        return _sha256([*written, *self.stimuli["content_sha256"]])

    def read(self, places: Sequence[int]) -> Sides:
        texts = self.stimuli["stimulus_text"][list(places)].to_list()
        return list(rasterise(texts, self.raster)), self.pictures.read(places, self.other.image_size_px)


def fitting(texts: Sequence[str], *rasters: RasterSettings) -> list[bool]:
    """Which of the texts can be shown in all of the ways."""
    return [bool(text.strip()) and not any(problem(text, raster) for raster in rasters) for text in texts]


def is_held_out(name: str) -> bool:
    """Whether stimuli of this name are held out from the choice of partners: half of all names, by their hash alone."""
    return bool(hashlib.sha256(name.encode()).digest()[0] % 2)


def _sha256(identities: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(identities)).encode()).hexdigest()
