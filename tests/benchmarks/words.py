"""Words per second of the whole job against the bare model's forward pass, same batch size, same run.

python tests/benchmarks/words.py [--model RN50 --pretrained random --words 200 --layers all --rounds 3]

The bare pass is open_clip's own vision side on pictures that are already tensors; the job rasterises, runs, reduces
every layer, stages and loads. Both are repeated in turn and the fastest of each is compared: machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import torch

from ingest.network.capture import normalised
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import load_model
from ingest.runs.loop import run
from ingest.runs.showing import batch_size
from ingest.stimuli.texts import RasterSettings, rasterise
from ingest.stimuli.word_list import common_words
from ingest.words.job import WordsJob

_BUSY = 0.5


def main() -> None:
    options = _arguments()
    if os.getloadavg()[0] > _BUSY:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): numbers will be off.")
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained)
    words = common_words(options.words)
    layers = select_layers(model.layers, options.layers)
    size = batch_size(model, where)

    def bare() -> float:
        visual = model.visual.to(where.device, where.dtype)
        pictures = rasterise(words[:size], RasterSettings(model.image_size_px, 10))
        images = normalised(torch.from_numpy(pictures).to(where.device), model.image_mean, model.image_std).to(
            where.dtype
        )
        with where.active():
            visual(images)
            _wait(where.device)
            started = time.perf_counter()
            for begin in range(0, len(words), size):
                visual(images[: len(words) - begin])
            _wait(where.device)
        return len(words) / (time.perf_counter() - started)

    def job() -> float:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            run(WordsJob(model, words, layers, where), Path(folder) / "w.duckdb")
            return len(words) / (time.perf_counter() - started)

    rates = [(bare(), job()) for _ in range(options.rounds)]
    for number, (bare_rate, job_rate) in enumerate(rates, start=1):
        print(f"round {number}: bare {bare_rate:8.1f}  job {job_rate:8.1f} words/s  ratio {job_rate / bare_rate:.2f}")
    best_bare, best_job = (max(column) for column in zip(*rates, strict=True))
    units = sum(layer.channel_count for layer in layers)
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{options.model} {options.pretrained}, {len(words)} words, {len(layers)} layers, {units:,} units, "
        f"{where.device} {where.precision}, batch {size}: job {best_job:.1f} of {best_bare:.1f} words/s "
        f"= {best_job / best_bare:.0%}; peak memory {peak_gib:.2f} GiB"
    )


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="RN50")
    parser.add_argument("--pretrained", default="random")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--layers", default="all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="float32")
    return parser.parse_args()


if __name__ == "__main__":
    main()
