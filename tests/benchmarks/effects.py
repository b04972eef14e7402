"""Time of gates and effects, as ratios within one process: RN50's shapes, random weights, into 4/2/5.

    python tests/benchmarks/effects.py [--model RN50-quickgelu] [--channels 17] [--pictures 4]

Gated sweep: a picture's time over that of the linear sweep of the same block, all lower layers. Real effects: how many
replaced pictures a second, over how many pictures the bare forward pass from that layer runs on to 4/2/5. Processor
seconds, so that a busy machine changes little; the best of a few runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from ingest.effects.effects import real_effects
from ingest.expansion.expanded_weights import Sweep
from ingest.expansion.gated_sweep import GatedSweep, gated_block_channels
from ingest.expansion.gates import PICTURES_AT_ONCE, ShownPictures, freeze
from ingest.expansion.supports import path_below
from ingest.network.layers import layers_of
from ingest.network.model import load_model
from ingest.network.trunk import Trunk, forward_from, other_summand

UPPER = "4/2/5"
LOWERS = ("4/1/6", "4/0/3", "3/5/6", "2/3/6", "1/2/6")
REPLACED, ROWS_AT_ONCE = 16, 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="RN50-quickgelu", help="with random weights (%(default)s)")
    parser.add_argument("--channels", type=int, help="upper channels of a block (as many as the job takes)")
    parser.add_argument("--pictures", type=int, default=PICTURES_AT_ONCE, help="pictures of the sweep (%(default)s)")
    parser.add_argument("--repeats", type=int, default=2, help="runs of which the best counts (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="one is not disturbed by what else runs (%(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    trunk = load_model(arguments.model, "random").trunk
    path = path_below(trunk, UPPER)
    channels = arguments.channels or gated_block_channels(path.supports, path.lower_layers(None))
    linear, gated = sweeps(trunk, channels, arguments.pictures, arguments.repeats)
    print(f"{torch.get_num_threads()} threads, {arguments.model}, a block of {channels} channels of {UPPER}")
    print(f"linear sweep {linear:.2f} s, gated sweep {gated:.2f} s a picture: {gated / linear:.2f} times")
    for lower in LOWERS:
        bare, real = effects(trunk, lower, arguments.repeats)
        print(f"from {lower}: bare pass {1 / bare:.1f} pictures/s, real effects {1 / real:.1f}: {bare / real:.0%}")


def sweeps(trunk: Trunk, channels: int, pictures: int, repeats: int) -> tuple[float, float]:
    """Seconds of a linear sweep of a block, and of a gated one a picture."""
    size = trunk.image_size_px
    images = torch.randn(pictures, 3, size, size).split(PICTURES_AT_ONCE)
    linear, gated = Sweep(trunk, UPPER), GatedSweep(ShownPictures(trunk, images), UPPER)
    block = range(channels)
    return seconds(lambda: linear.measure(block), repeats), seconds(lambda: gated.measure(block), repeats) / pictures


def effects(trunk: Trunk, lower: str, repeats: int) -> tuple[float, float]:
    """Seconds a picture of the bare pass from a layer to the upper one, and of a picture with a unit replaced."""
    size = trunk.image_size_px
    layer = next(found for found in layers_of(trunk) if found.layer_name == lower)
    summand = other_summand(trunk, lower)
    shown = freeze(trunk, torch.randn(PICTURES_AT_ONCE, 3, size, size), [lower, *([summand] if summand else [])])
    flow = shown.flows[lower].permute(0, 3, 1, 2)
    other = None if summand is None else shown.flows[summand].permute(0, 3, 1, 2)
    copies = ROWS_AT_ONCE // PICTURES_AT_ONCE

    def bare() -> None:
        maps = flow.repeat(copies, 1, 1, 1).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            for name, _ in forward_from(trunk, lower, maps, other):
                if name == UPPER:
                    return

    def real() -> None:
        values = torch.zeros(REPLACED, dtype=trunk.dtype)
        real_effects(trunk, shown, layer, range(REPLACED), values, [UPPER], rows_at_once=ROWS_AT_ONCE)

    return seconds(bare, repeats) / ROWS_AT_ONCE, seconds(real, repeats) / (REPLACED * PICTURES_AT_ONCE)


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Processor seconds of all threads, after a run that warms up."""
    run()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


if __name__ == "__main__":
    main()
