"""How file, loading and look-ups grow: python tests/benchmarks/growth.py [--millions 1 10 100] [--folder DIR].

Activations and weight pairs of random values (noise in float32 hardly compresses, nor do true ones), through the
staging and the loader of every job. Prints the tables of docs/costs.md, and under each how its columns grow.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path

import loader
import numpy as np
import polars as pl

import warehouse
from ingest.network.model import load_model
from ingest.runs.loop import model_record
from warehouse.loading import NO_STIMULI, Run, RunRecord, begin_run, load_staged
from warehouse.staging import Staging

_UNITS = 6 * 2_048
_UPPERS = ("4/2/6", "4/2/5")
_BLOCK_CHANNELS = 256
_ROUNDS = 7
_OF_ACTIVATIONS = {
    "a unit's words, ms": "from unit_top_words where unit_name = '4/2/6/34' order by word_rank limit 20",
    "a word's units, ms": "from word_top_units where word = 'word7' order by activation_difference desc limit 20",
    "a layer's means, ms": """
        select unit_id, avg(activation_mean) from activations inner join units using (unit_id)
        inner join layers using (layer_id) where layer_name = '4/2/6' group by unit_id
    """,
}
_OF_PAIRS = {
    "a unit's contributors, ms": """
        from backward_contributions where upper_unit = '4/2/6/2' order by weight_magnitude desc limit 20
    """,
    "a unit's targets, ms": """
        from forward_contributions where lower_unit = '4/2/3/2' order by weight_magnitude desc limit 20
    """,
    "a layer pair's means, ms": """
        select lower_unit_id, avg(weight_magnitude) from contributions
        where lower_layer = '4/2/3' and upper_layer = '4/2/6' group by lower_unit_id
    """,
}


@dataclass(frozen=True)
class Measured:
    """One line of a table; seconds are of loading alone."""

    rows: int
    bytes: int
    load_s: float
    look_up_ms: dict[str, float]


def main() -> None:
    options = _arguments()
    for kind, measure in (("activations", activations), ("pairs", pairs)):
        lines: list[Measured] = []
        for millions in options.millions:
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                lines.append(measure(Path(folder) / "w.duckdb", millions * 1_000_000))
            if len(lines) == 1:
                _print(kind, "file, MB", "bytes a row", "loading, s", "million rows/s", *lines[0].look_up_ms)
                _print(*["---:"] * (5 + len(lines[0].look_up_ms)))
            _print(*_cells(lines[-1]))
        if len(lines) > 1:
            print(f"\nrows to the power of: {_exponents(lines[0], lines[-1])}\n", flush=True)


def activations(path: Path, rows: int) -> Measured:
    """As many words as give so many rows, on six layers of 2,048 units."""
    words = max(20, -(-rows // _UNITS))
    begun = loader._begin(path, _UNITS // 2_048, words)
    loaded, seconds = loader._load(path, begun, _UNITS, words)
    return _measured(path, loaded, seconds, _OF_ACTIVATIONS)


def pairs(path: Path, rows: int) -> Measured:
    """RN50's convolutions and outputs, the nearest below 4/2/6 into it first, then those below 4/2/5."""
    record = model_record(load_model("RN50", "random"))
    blocks = list(_blocks(dict(record.layers.select("layer_name", "channel_count").rows()), rows))
    begun = begin_run(
        path, RunRecord("weights", "{}", "growth", "cpu", "float32", "{}", len(blocks)), record, NO_STIMULI
    )
    staging, draw, seconds, loaded = Staging(path, begun.warehouse_id, "growth"), np.random.default_rng(0), 0.0, 0
    for index, block in enumerate(blocks):
        frames = {"expanded_weights": _weights(begun, draw, *block), "layer_pairs": _layer_pairs(begun, *block)}
        staging.stage(index, {name: frame for name, frame in frames.items() if len(frame)})
        started = time.perf_counter()
        load_staged(path, staging, begun.run_id)
        seconds += time.perf_counter() - started
        loaded += len(frames["expanded_weights"])
    return _measured(path, loaded, seconds, _OF_PAIRS)


def _blocks(counts: dict[str, int], rows: int) -> Iterator[tuple[str, range, list[str]]]:
    """Upper layer, a block of its channels, and its lower layers: what one shard holds, as the job cuts it."""
    names = list(counts)
    for upper in _UPPERS:
        lowers = []
        for lower in reversed(names[: names.index("4/2/5")]):
            if rows > 0:
                lowers.append(lower)
                rows -= counts[upper] * counts[lower]
        for start in range(0, counts[upper], _BLOCK_CHANNELS) if lowers else ():
            yield upper, range(start, start + _BLOCK_CHANNELS), lowers


def _weights(begun: Run, draw: np.random.Generator, upper: str, channels: range, lowers: list[str]) -> pl.DataFrame:
    upper_ids = np.array(begun.unit_ids[upper], np.int32)[channels.start : channels.stop]
    lower_ids = np.concatenate([np.array(begun.unit_ids[lower], np.int32) for lower in lowers])
    count = len(upper_ids) * len(lower_ids)
    l2 = draw.random(count, np.float32)
    return pl.DataFrame(
        {
            "lower_unit_id": np.repeat(lower_ids, len(upper_ids)),
            "upper_unit_id": np.tile(upper_ids, len(lower_ids)),
            "weight_sum": draw.standard_normal(count, np.float32),
            "weight_l1": 2 * l2,
            "weight_l2": l2,
        }
    )


def _layer_pairs(begun: Run, upper: str, channels: range, lowers: list[str]) -> pl.DataFrame:
    """With an upper layer's first block, as the job writes them."""
    support = {"support_top": 0, "support_left": 0, "support_height": 3, "support_width": 3, "cell_count": 9}
    ids = [begun.layer_ids[lower] for lower in lowers if channels.start == 0]
    rows = [
        {"lower_layer_id": i, "upper_layer_id": begun.layer_ids[upper], **support, "is_truncated": False} for i in ids
    ]
    return pl.DataFrame(rows)


def _measured(path: Path, rows: int, load_s: float, look_ups: dict[str, str]) -> Measured:
    size = path.stat().st_size
    return Measured(rows, size, load_s, {name: _median_ms(path, sql) for name, sql in look_ups.items()})


def _median_ms(path: Path, sql: str) -> float:
    """Connection included, after a first time."""
    assert len(warehouse.query(sql, warehouse=path))
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        warehouse.query(sql, warehouse=path)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


def _cells(line: Measured) -> tuple[str, ...]:
    return (
        f"{line.rows:,}",
        f"{line.bytes / 1e6:,.0f}",
        f"{line.bytes / line.rows:.1f}",
        f"{line.load_s:.1f}",
        f"{line.rows / line.load_s / 1e6:.1f}",
        *(f"{milliseconds:.0f}" for milliseconds in line.look_up_ms.values()),
    )


def _exponents(first: Measured, last: Measured) -> str:
    """b of y = a * rows^b through the first and the last line: 0 does not grow, 1 grows as the rows do."""
    columns = {"file": (first.bytes, last.bytes), "loading": (first.load_s, last.load_s)}
    columns |= {name.removesuffix(", ms"): (first.look_up_ms[name], last.look_up_ms[name]) for name in first.look_up_ms}
    growth = log(last.rows / first.rows)
    return ", ".join(f"{name} {log(high / low) / growth:.2f}" for name, (low, high) in columns.items())


def _print(*cells: str) -> None:
    print("|", " | ".join(cells), "|", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--folder", type=Path, help="where the files are made: about 3 GB for a hundred million")
    return parser.parse_args()


if __name__ == "__main__":
    main()
