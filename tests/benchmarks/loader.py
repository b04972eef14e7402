"""Rows per second of the loader into `activations`, and the two look-ups that pages live on.

python tests/benchmarks/loader.py [--units 12288 --words 10000]

By default the file of the article's question: 6 layers x 2,048 units x 10,000 words, 123 million rows, about 1.1 GB.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

import warehouse
from ingest.network.capture import Activations
from ingest.network.layers import Layer
from ingest.runs.showing import activation_rows
from ingest.words.job import _ROWS_PER_SHARD
from warehouse.loading import ModelRecord, Run, RunRecord, begin_run, load_staged
from warehouse.staging import Staging

_UNITS_PER_LAYER = 2_048
_LOOK_UPS = {
    "a unit's top 20 words": "from unit_top_words where unit_name = '4/2/6/34' order by word_rank limit 20",
    "a word's top 20 units": "from word_top_units where word = 'word7' and layer_name = '4/2/6' "
    "order by unit_rank limit 20",
    "a word's top 20 units of all layers": "from word_top_units where word = 'word7' "
    "order by activation_difference desc limit 20",
}


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.duckdb"
        begun = _begin(path, options.units // _UNITS_PER_LAYER, options.words)
        rows, seconds = _load(path, begun, options.units, options.words)
        print(f"loader: {rows:,} rows in {seconds:.1f} s = {rows / seconds / 1e6:.1f} million rows/s")
        print(f"file: {path.stat().st_size / 1e9:.2f} GB, {path.stat().st_size / rows:.1f} bytes a row")
        for name, sql in _LOOK_UPS.items():
            print(f"{name}: {_median_ms(path, sql):.0f} ms warm, connection included")


def _begin(path: Path, layer_count: int, word_count: int) -> Run:
    """A model of `layer_count` layers and a run over `word_count` words, with nothing loaded yet."""
    names = ["4/0/5", "4/0/8", "4/1/5", "4/1/6", "4/2/5", "4/2/6"][-layer_count:]
    layers = [Layer(name, 4, 0, 6, order, "relu", "", _UNITS_PER_LAYER, 7, 7, "") for order, name in enumerate(names)]
    units = pl.DataFrame(
        [
            {"layer_name": name, "channel_index": channel, "unit_name": f"{name}/{channel}"}
            for name in names
            for channel in range(_UNITS_PER_LAYER)
        ]
    ).with_columns(batch_norm_scale=pl.lit(1.0), batch_norm_shift=pl.lit(0.0))
    model: dict[str, str | int] = {
        "model_name": "benchmark",
        "pretrained_tag": "random",
        "weights_sha256": "0",
        "image_size_px": 224,
        "layer_count": layer_count,
        "unit_count": len(units),
    }
    words = [f"word{number}" for number in range(word_count)]
    stimuli = pl.DataFrame(
        {"stimulus_kind": "word", "stimulus_text": words, "content_sha256": words, "is_explicit": False}
    )
    shard_count = len(_shards(len(units), word_count))
    record = RunRecord("words", "{}", "benchmark", "cpu", "float32", "{}", shard_count, "word0")
    return begin_run(
        path, record, ModelRecord(model, pl.DataFrame([asdict(layer) for layer in layers]), units), stimuli
    )


def _load(path: Path, begun: Run, unit_count: int, word_count: int) -> tuple[int, float]:
    """Stage and load shard after shard; rows loaded and the seconds that loading alone took."""
    generator = np.random.default_rng(0)
    staging = Staging(path, begun.warehouse_id, "benchmark")
    unit_ids = np.concatenate([np.array(ids, np.int32) for ids in begun.unit_ids.values()])
    rows, seconds = 0, 0.0
    for index, shown in enumerate(_shards(unit_count, word_count)):
        mean = generator.standard_normal((len(shown), unit_count), dtype=np.float32)
        frame = activation_rows(
            [Activations(mean, mean + 1, np.zeros(mean.shape, np.int32))],
            np.array(begun.stimulus_ids, np.int32)[shown],
            unit_ids,
        )
        staging.stage(index, {"activations": frame})
        started = time.perf_counter()
        load_staged(path, staging, begun.run_id)
        seconds += time.perf_counter() - started
        rows += len(frame)
    return rows, seconds


def _shards(unit_count: int, word_count: int) -> list[range]:
    size = _ROWS_PER_SHARD // unit_count
    return [range(begin, min(begin + size, word_count)) for begin in range(0, word_count, size)]


def _median_ms(path: Path, sql: str, rounds: int = 7) -> float:
    warehouse.query(sql, warehouse=path)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        assert len(warehouse.query(sql, warehouse=path)) == 20
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--units", type=int, default=6 * _UNITS_PER_LAYER, help="layers of 2,048 each (%(default)s)")
    parser.add_argument("--words", type=int, default=10_000, help="at least 20 (%(default)s)")
    options = parser.parse_args()
    if options.units % _UNITS_PER_LAYER or options.words < 20:
        parser.error("--units is a multiple of 2,048, --words at least 20")
    return options


if __name__ == "__main__":
    main()
