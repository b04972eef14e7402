"""How long a step of a reproduction takes on this machine: a small batch is timed, the rest is arithmetic.

Bytes a row are what DuckDB keeps on disk (measured: activations 10.7, expanded weights 11.8).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ingest.article.reproduction import QUICK_STEPS, Plan, Step, weight_layers
from ingest.expansion.expanded_weights import Sweep
from ingest.features.recipes import RECIPES, recipe_name
from ingest.network.device import Arithmetic
from ingest.network.layers import default_layers, select_layers
from ingest.network.trunk import forward
from ingest.runs.showing import batch_size

_SAMPLED_CHANNELS = 16
_FORWARDS_PER_STEP = 3  # the way back takes twice the way forward
_STATISTICS_PAIRS_PER_S = 1.5e6  # read back and sorted, on two cores
_DOWNLOAD_S = 0.3
_ACTIVATION_BYTES, _PAIR_BYTES, _SHARE_BYTES, _IMAGE_BYTES = 10.7, 11.8, 60, 20_000


@dataclass(frozen=True)
class Rates:
    """Seconds for one picture forward, and for the expanded weights into all upper layers."""

    picture_s: float
    weights_s: float


@dataclass(frozen=True)
class Cost:
    seconds: float
    size_bytes: float


def measured(plan: Plan) -> Rates:
    """Time one batch of pictures, and a few channels of every upper layer: seconds, where the jobs take up to hours."""
    trunk = plan.model.trunk_in(plan.arithmetic)
    size, count = plan.model.image_size_px, batch_size(plan.model, plan.arithmetic)
    images = torch.rand(count, 3, size, size, device=trunk.device, dtype=trunk.dtype)
    uppers, lowers = weight_layers(plan)
    weights_s = 0.0
    with plan.arithmetic.active():
        picture_s = min(
            _seconds(plan.arithmetic, lambda: [name for name, _ in forward(trunk, images)]) for _ in range(2)
        )
        for upper in uppers:
            names = [lower.layer_name for lower in lowers if lower.layer_order < upper.layer_order]
            sweep = Sweep(trunk, upper.layer_name, names, tf32=plan.arithmetic.precision == "tf32")
            few = range(min(_SAMPLED_CHANNELS, upper.channel_count))
            weights_s += _seconds(plan.arithmetic, lambda: sweep.measure(few)) * upper.channel_count / len(few)  # noqa: B023
    return Rates(picture_s / count, weights_s)


def cost(plan: Plan, step: Step, rates: Rates) -> Cost:
    """Seconds and bytes of one step; a source of pictures is counted only when it is read, and costs nothing here."""
    units = sum(layer.channel_count for layer in select_layers(plan.model.layers, default_layers(plan.model.layers)))
    outputs = units // 2
    recipe = RECIPES[recipe_name(plan.model.model_name)]()
    recipe = replace(recipe, step_count=QUICK_STEPS) if plan.is_quick else recipe
    by_counted = {
        "words": Cost(step.work * rates.picture_s, step.work * units * _ACTIVATION_BYTES),
        "pictures": Cost(step.work * rates.picture_s, step.work * (units * _ACTIVATION_BYTES + _IMAGE_BYTES / 4)),
        "pairs of units": Cost(rates.weights_s + step.work / _STATISTICS_PAIRS_PER_S, step.work * _PAIR_BYTES),
        "features": Cost(
            step.work * recipe.pass_count * _FORWARDS_PER_STEP * rates.picture_s, step.work * _IMAGE_BYTES
        ),
        "downloads": Cost(step.work * _DOWNLOAD_S, step.work * 4 * _IMAGE_BYTES),
        "published units": Cost(_DOWNLOAD_S, step.work * _SHARE_BYTES),
        "images of units": Cost(step.work * rates.picture_s, 2 * outputs * _SHARE_BYTES),
    }
    return by_counted[step.counted]


def _seconds(arithmetic: Arithmetic, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    if arithmetic.is_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - started
