"""Job `words`: every word as a picture, and how each unit responds to it.

Source: definitions.md section 2 (text stimulus, word list, channel difference engine).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.network.device import Arithmetic
from ingest.network.layers import Layer, select_layers
from ingest.network.model import ClipModel
from ingest.runs.job import Advance, MeasuredJob, Rows, cut
from ingest.runs.processes import workers
from ingest.runs.showing import Pictures, activation_rows, batch_size, show, shown, unit_ids_of
from ingest.stimuli.texts import RasterSettings, problem, rasterise, text_stimuli
from ingest.stimuli.word_list import DEFAULT_BASELINE
from warehouse.errors import MachineFault, TextTooLarge
from warehouse.loading import Run
from warehouse.wording import number_of

AVERAGE_BASELINE = "average"
_ROWS_PER_SHARD = 4_000_000
_WORDS_PER_SHARD = 2_048
_WORDS_AT_ONCE = 32  # that a worker draws


@dataclass(frozen=True)
class WordsSettings:
    """Everything that decides the numbers of a words run."""

    words_sha256: str
    word_count: int
    layers: tuple[str, ...]
    baseline: str
    raster: RasterSettings
    precision: str
    words_per_shard: int


class WordsJob(MeasuredJob):
    """Words of a list, shown to one model; the baseline text comes first."""

    name = "words"
    counted = "words"
    settings: WordsSettings

    def __init__(
        self,
        model: ClipModel,
        words: Sequence[str],
        layers: Sequence[Layer],
        arithmetic: Arithmetic,
        *,
        baseline: str = DEFAULT_BASELINE,
        raster: RasterSettings | None = None,
    ) -> None:
        raster = raster or RasterSettings(model.image_size_px, model.text_size_px)
        super().__init__(model, arithmetic)
        if baseline != AVERAGE_BASELINE:
            require_fitting(baseline, raster)
            self.baseline_content_sha256 = raster.content_sha256(baseline)
            words = [baseline, *(word for word in words if word != baseline)]
        self.stimuli = text_stimuli(words, raster)
        self._fitting = self.stimuli["error_message"].is_null().arg_true().to_list()
        if not self._fitting:
            raise TextTooLarge(
                f"of {number_of(len(words), 'word')} none fits {raster.image_size_px} px: take a smaller --text-size"
            )
        self._texts = words
        unit_count = sum(layer.channel_count for layer in layers)
        self.settings = WordsSettings(
            words_sha256=hashlib.sha256("\n".join(words).encode()).hexdigest(),
            word_count=len(words),
            layers=tuple(layer.layer_name for layer in layers),
            baseline=baseline,
            raster=raster,
            precision=arithmetic.precision,
            words_per_shard=max(16, min(_WORDS_PER_SHARD, _ROWS_PER_SHARD // unit_count)),
        )
        self.shards = cut(len(self._fitting), self.settings.words_per_shard)
        self._workers: ProcessPoolExecutor | None = None
        self._drawing: dict[int, list[Future[NDArray[np.uint8]]]] = {}

    def measured(self, shard_index: int, run: Run, advance: Advance) -> Rows:
        """The shard's rows of `activations`, by unit and then by stimulus."""
        positions = self._shard(shard_index)
        captured = []
        for pixels in self._pictures(shard_index):
            captured.append(shown(self.model, self.trunk, pixels, self.settings.layers).read_back())
            advance(len(pixels))
        stimulus_ids = np.array([run.stimulus_ids[position] for position in positions], np.int32)
        unit_ids = unit_ids_of(run, self.settings.layers)
        return lambda: {"activations": activation_rows([part.wait() for part in captured], stimulus_ids, unit_ids)}

    def _shard(self, shard_index: int) -> list[int]:
        """Positions in the list of the words that a shard shows; words that do not fit are in none."""
        return [self._fitting[place] for place in self.shards[shard_index]]

    def _pictures(self, shard_index: int) -> Iterator[Pictures]:
        """A shard's words as batches of pictures, from worker processes where a GPU would otherwise wait for them."""
        size = batch_size(self.model, self.arithmetic)
        if self.arithmetic.is_gpu:
            yield from self._drawn_ahead(shard_index, -(-size // _WORDS_AT_ONCE))
            return
        for texts in self._parts(shard_index, size):
            yield rasterise(texts, self.settings.raster)

    def _drawn_ahead(self, shard_index: int, part_count: int) -> Iterator[Pictures]:
        """So many parts a batch; the shard after it, which is likely the next, is being drawn by then."""
        drawn = self._drawing.pop(shard_index, None) or self._draw(shard_index)
        self._drawing = {index: self._draw(index) for index in (shard_index + 1,) if index < self.shard_count}
        try:
            for start in range(0, len(drawn), part_count):
                yield [picture for part in drawn[start : start + part_count] for picture in part.result()]
        except BrokenProcessPool as error:
            raise MachineFault("a process that draws words", "it was ended from outside") from error

    def _draw(self, shard_index: int) -> list[Future[NDArray[np.uint8]]]:
        if self._workers is None:
            self._workers = workers()
        parts = self._parts(shard_index, _WORDS_AT_ONCE)
        return [self._workers.submit(rasterise, texts, self.settings.raster) for texts in parts]

    def _parts(self, shard_index: int, size: int) -> list[list[str]]:
        texts = [self._texts[position] for position in self._shard(shard_index)]
        return [texts[start : start + size] for start in range(0, len(texts), size)]

    def close(self) -> None:
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)


def difference(
    model: ClipModel, arithmetic: Arithmetic, raster: RasterSettings, target: str, baseline: str, layer: str
) -> pl.DataFrame:
    """Channel difference of two texts, run now: the columns of the macro channel_difference.

    Raises TextTooLarge for a text that cannot be shown.
    """
    for text in (target, baseline):
        require_fitting(text, raster)
    (chosen,) = select_layers(model.layers, layer)
    trunk = model.trunk_in(arithmetic)
    with arithmetic.active():
        shown = show(model, trunk, rasterise([target, baseline], raster), [chosen.layer_name])
    frame = pl.DataFrame(
        {
            "unit_name": [f"{chosen.layer_name}/{channel}" for channel in range(chosen.channel_count)],
            "activation_difference": shown.mean[0] - shown.mean[1],
            "target_activation_mean": shown.mean[0],
            "baseline_activation_mean": shown.mean[1],
        }
    )
    return frame.sort("activation_difference", descending=True)


def require_fitting(text: str, raster: RasterSettings) -> None:
    reason = problem(text, raster) if text.strip() else "it is empty"
    if reason:
        raise TextTooLarge(f"cannot show {text!r}: {reason}; take another text, or ingest with a smaller --text-size")
