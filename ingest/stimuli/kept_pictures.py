"""Pictures that a pictures run kept, read again for later jobs that show them again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.network.model import ClipModel
from ingest.runs.earlier import every_row, newest_run, question
from ingest.stimuli.decoding import DecodingSettings, decode_all
from warehouse.errors import InputError

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class KeptPictures:
    """Rows of `stimuli` (all columns except stimulus_id), ordered by content hash, and the run that kept them.

    names: captions of all pictures that the run kept, each once, in alphabetical order. part_name: of a run over them.
    """

    run_sha256: str
    stimuli: pl.DataFrame = field(repr=False)
    names: tuple[str, ...] = field(repr=False)

    part_name = ""

    @property
    def identity(self) -> dict[str, Any]:
        """Which pictures they are, for the settings of a run."""
        return {"pictures_run_sha256": self.run_sha256, "picture_count": len(self)}

    def __len__(self) -> int:
        return len(self.stimuli)

    def read(self, places: Sequence[int], image_size_px: int) -> list[Pixels | None]:
        """Pixels [S, S, 3] of the pictures at these places; None for one that is gone or changed."""
        return read_again(self.stimuli[list(places)].select("source_uri", "content_sha256").rows(), image_size_px)


def read_again(wanted: Sequence[tuple[str, str]], image_size_px: int) -> list[Pixels | None]:
    """Pixels [S, S, 3] of pictures by their addresses and the SHA-256 that their files had."""
    settings = DecodingSettings(image_size_px)
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda picture: decode_all([picture], settings)[0].pixels, wanted))


def kept_pictures(path: Path, model: ClipModel, count: int) -> KeptPictures:
    """The first `count` kept pictures, by content, of the model's newest complete pictures run.

    Raises InputError when there is no such run, or it kept none.
    """
    return _pictures(path, model, count, question("kept_stimuli"), question("kept_captions"))


def run_pictures(path: Path, model: ClipModel, count: int) -> KeptPictures:
    """The same from all pictures that the run showed, also those whose activations it did not keep."""
    return _pictures(path, model, count, question("run_pictures"), question("run_captions"))


def _pictures(path: Path, model: ClipModel, count: int, pictures: str, captions: str) -> KeptPictures:
    """By the statements that ask for a run's pictures and for its captions."""
    missing = InputError(
        f"{path} holds no pictures of {model.label} yet: "
        f"clip-warehouse ingest pictures SOURCE, with --model {model.model_name} --warehouse {path}"
    )
    run = newest_run(path, model, ["pictures"], missing)
    stimuli = every_row(path, pictures, run_id=run.run_id, count=count)
    if stimuli.is_empty():
        raise missing
    names = every_row(path, captions, run_id=run.run_id)
    return KeptPictures(run.settings_sha256, stimuli, tuple(names["stimulus_text"]))
