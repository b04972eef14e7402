"""Names at RN50's size, 2,048 units, 10,000 concepts and 5,000 pictures: seconds of the maths and peak memory.

python tests/benchmarks/names.py: random embeddings and activations, whose time is that of real ones.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from ingest.names.soft_wpmi import fits, mean_lengths, names, other_concepts, strongest, trusts

UNITS, CONCEPTS, PICTURES, NUMBERS = 2_048, 10_000, 5_000, 1_024


def unit_vectors(rng: np.random.Generator, count: int) -> np.ndarray:
    rows = rng.standard_normal((count, NUMBERS), dtype=np.float32).astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    rng = np.random.default_rng(0)
    pictures, texts = unit_vectors(rng, PICTURES), unit_vectors(rng, CONCEPTS)
    activations = np.maximum(rng.standard_normal((PICTURES, UNITS), dtype=np.float32), 0)
    half = PICTURES // 2
    names(fits(pictures[:50], texts[:20]), strongest(activations[:50, :4]), 3)  # compiled before the clock starts
    before, started, cpu = peak_mb(), time.perf_counter(), time.process_time()
    held, naming = fits(pictures[half:], texts), fits(pictures[:half], texts)
    print(f"softmax over concepts: {time.perf_counter() - started:.1f} s")
    best = names(naming, strongest(activations[:half]), 5)
    print(f"soft-WPMI: {time.perf_counter() - started:.1f} s so far")
    others = other_concepts(best.concepts[:, 0], CONCEPTS, [0, 0])
    for concepts in [*best.concepts.T, others]:
        trusts(held, concepts, activations[half:])
    mean_lengths(pictures, strongest(activations, 20))
    print(
        f"{UNITS:,} units, {CONCEPTS:,} concepts, {PICTURES:,} pictures: {time.perf_counter() - started:.1f} s "
        f"({time.process_time() - cpu:.1f} s of processor), peak {peak_mb():,.0f} MiB, of which {before:,.0f} are given"
    )


if __name__ == "__main__":
    main()
