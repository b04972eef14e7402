"""The settings of a training: its schedule, its start, and its command line."""

from __future__ import annotations

import argparse
import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_Value = TypeVar("_Value", int, float)


@dataclass(frozen=True)
class Settings:
    """sizes: picture size from each share of the training on. start: weights to begin with, None for random ones.

    calm: the share of pictures that are shown nearly as drawn, from each share of the training on. Variety makes units
    that also fit other vendors' drawings; a calm end tells look-alikes apart.

    The learning rate rises over `warmup`, then falls as a cosine. Both follow progress: the larger of steps done /
    steps and minutes done / minutes, so that a slow machine ends in time. parts: into how many parts a batch is
    divided, each computed in its own thread and with its own batch-norm statistics. Two cores with a part each do 1.6
    times as many steps as two cores that share every operation.
    """

    steps: int = 40_000
    minutes: float = math.inf
    batch_concepts: int = 64
    parts: int = 2
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.03
    sizes: tuple[tuple[float, int], ...] = ((0.0, 64), (0.3, 96))
    calm: tuple[tuple[float, float], ...] = ((0.0, 1 / 3), (0.8, 0.75))
    unit_loss_from: float = 0.15  # share of the training after which units are tied to codes: letters come first
    seed: int = 0
    start: str | None = None
    device: str = "auto"

    @property
    def is_timed(self) -> bool:
        return math.isfinite(self.minutes)

    @property
    def counted(self) -> tuple[str, int]:
        """What the progress bar counts, and up to which number."""
        return ("seconds", round(60 * self.minutes)) if self.is_timed else ("steps", self.steps)

    def size_px(self, progress: float) -> int:
        return _at(progress, self.sizes)

    def calm_share(self, progress: float) -> float:
        return _at(progress, self.calm)

    def rate(self, progress: float) -> float:
        if progress < self.warmup:
            return self.learning_rate * (0.05 + 0.95 * progress / self.warmup)
        return self.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2)


def _at(progress: float, stages: tuple[tuple[float, _Value], ...]) -> _Value:
    return next(value for begin, value in reversed(stages) if progress >= begin)


def asked_for(description: str | None) -> tuple[Path, Settings]:
    """The working folder and the settings that the command line gives."""
    given = {name: value for name, value in vars(_arguments(description)).items() if value is not None}
    work = given.pop("work")
    if "sizes" in given:
        given["sizes"] = tuple(
            (float(share), int(size)) for share, size in (pair.split(":") for pair in given["sizes"])
        )
    return work, dataclasses.replace(Settings(), **given)


def _arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("work", type=Path, help="folder of packages, checkpoints and the log")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, help="end after this many minutes of training, whatever --steps says")
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--unit-loss-from", type=float, help="share of the training without the units' loss")
    parser.add_argument("--sizes", nargs="+", metavar="SHARE:PX", help="picture size from a share of the training on")
    parser.add_argument("--start", help="weights to start from, instead of random ones")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", help="auto, cpu, cuda or cuda:N")
    return parser.parse_args()
