"""Expanded weights of RN50 (random weights) into 4/2/5: the sweep against two ways of automatic differentiation.

Columns: seconds for all pairs; how many times faster than (i) and (ii); operations done, two a multiply-add, reductions
left out; these operations a second over the machine's float32 matrix rate; peak memory.

    python tests/benchmarks/expanded_weights.py [--channels 2048]

(i)  the original's way: one autograd.grad per upper channel on whole maps, one lower layer at a time, not reduced;
(ii) what one would write first: one autograd.grad over all asked-for lower layers for 16 upper channels at once (16
     copies of the image, one channel each), reduced on the fly.

Both are sampled over channels and extrapolated to all 2,048. Each case runs in a process of its own, so that its peak
memory (of the whole process, model and libraries included) is its own. Run it with nothing else on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ingest.expansion.descent import Descent
from ingest.expansion.expanded_weights import Sweep
from ingest.network.model import load_model
from ingest.network.trunk import Trunk

UPPER = "4/2/5"
CASES: dict[str, list[str] | None] = {"4/1/6": ["4/1/6"], "1/2/6": ["1/2/6"], "all lower layers": None}
BATCH = 16
QUIET_LOAD = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--channels", type=int, default=2048, help="upper channels of the sweep (extrapolated if fewer)"
    )
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(measure(CASES[arguments.case], arguments.channels)))
        return
    warn_if_busy()
    print(f"{torch.get_num_threads()} threads; into {UPPER}, {arguments.channels} of 2048 upper channels swept")
    print("             lower  sweep s    (i) s      x   (ii) s      x   TFLOP  of rate    GiB")
    for name in CASES:
        print(row(name, in_own_process(name, arguments.channels)), flush=True)
    warn_if_busy()


def warn_if_busy() -> None:
    load = os.getloadavg()[0]
    if load > QUIET_LOAD:
        print(f"warning: the load average is {load:.2f}: something else is (or was) running", file=sys.stderr)


def in_own_process(case: str, channels: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--case", case, "--channels", str(channels)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(name: str, measured: dict[str, float]) -> str:
    ours, original, batched = measured["sweep_s"], measured["original_s"], measured["batched_s"]
    share = measured["operations"] / ours / measured["matmul_rate"]
    return (
        f"{name:>18} {ours:8.2f} {original:8.1f} {original / ours:6.1f} {batched:8.1f} {batched / ours:6.1f} "
        f"{measured['operations'] / 1e12:7.2f} {share:8.0%} {measured['peak_bytes'] / 2**30:6.2f}"
    )


def measure(lowers: list[str] | None, channels: int) -> dict[str, float]:
    """Seconds for all 2,048 upper channels each way, operations (two a multiply-add), operations a second, bytes."""
    trunk = load_model("RN50-quickgelu", "random").trunk
    measured = {"matmul_rate": matmul_rate(), "sweep_s": sweep_seconds(trunk, lowers, channels)}
    measured["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    names = [layer.layer_name for layer in Sweep(trunk, UPPER, lowers).lowers]
    measured["original_s"] = sum(original_seconds(trunk, name) for name in names)
    measured["batched_s"] = batched_seconds(trunk, names)
    return measured | {"operations": operations(trunk, lowers)}


def sweep_seconds(trunk: Trunk, lowers: list[str] | None, channels: int) -> float:
    """The best of three runs where they are short, else of one."""

    def run() -> None:
        sweep = Sweep(trunk, UPPER, lowers)
        for block in sweep.blocks():
            if block.start < channels:
                sweep.measure(block)

    first = seconds(run)
    return min([first] + [seconds(run) for _ in range(2 if first < 2 else 0)]) * 2048 / channels


def operations(trunk: Trunk, lowers: list[str] | None, channels: int = 256) -> float:
    """Operations of the convolutions and products as run, counted without running them, reductions left out."""
    route = replace(Sweep(trunk, UPPER, lowers).route, trunk=trunk.to("meta"))
    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: added_product_operations}) as counter:
        for _ in Descent(route, range(channels)).visits():
            pass
    return counter.get_total_flops() * 2048 / channels


def added_product_operations(_: Sequence[int], a: Sequence[int], b: Sequence[int], **__: object) -> int:
    """torch's counter knows torch.mm and convolutions, but no product that is added in place."""
    return 2 * a[0] * a[1] * b[1]


def original_seconds(trunk: Trunk, lower: str, samples: int = 10) -> float:
    """(i): the best of a few channels, times 2,048."""
    maps, centres = linear_maps(trunk, 1)

    def run(channel: int) -> None:
        torch.autograd.grad(centres[0, channel], maps[lower], retain_graph=True)

    return min(seconds(partial(run, channel)) for channel in range(samples)) * 2048


def batched_seconds(trunk: Trunk, lowers: Sequence[str], samples: int = 5) -> float:
    """(ii): the best of a few batches, times 2,048 / 16."""
    maps, centres = linear_maps(trunk, BATCH)
    inputs = [maps[name] for name in lowers]

    def run() -> list[tuple[Tensor, ...]]:
        grads = torch.autograd.grad(centres.diagonal().sum(), inputs, retain_graph=True)
        return [(g.sum((2, 3)), g.abs().sum((2, 3)), g.square().sum((2, 3)).sqrt()) for g in grads]

    return min(seconds(run) for _ in range(samples)) * 2048 / BATCH


def linear_maps(trunk: Trunk, count: int) -> tuple[dict[str, Tensor], Tensor]:
    """Whole maps of every layer without ReLUs, with their graph, and the upper units' centres [count, U]."""
    size = trunk.image_size_px
    maps = torch.randn(count, 3, size, size).to(memory_format=torch.channels_last)
    for convolution in trunk.stem:
        maps = convolution(maps)
    maps, found = F.avg_pool2d(maps, 2).requires_grad_(), {}
    for bottleneck in trunk.bottlenecks:
        found[bottleneck.address(1)] = out = bottleneck.conv1(maps)
        found[bottleneck.address(3)] = out = bottleneck.conv2(out)
        found[bottleneck.address(5)] = out = bottleneck.conv3(bottleneck.pool(out))
        if bottleneck.downsample is not None:
            found[bottleneck.address(7)] = maps = bottleneck.downsample(bottleneck.pool(maps))
        found[bottleneck.output_name] = maps = out + maps
    height, width = found[UPPER].shape[2:]
    return found, found[UPPER][:, :, (height - 1) // 2, (width - 1) // 2]


def matmul_rate(size: int = 2048) -> float:
    """Operations a second of a float32 matrix product: the best of ten."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    return 2 * size**3 / min(seconds(lambda: a @ b) for _ in range(10))


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
