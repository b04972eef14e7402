"""The options of the ingest jobs, and what the parsers of all verbs share. Imports no torch: help comes at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.word_list import DEFAULT_BASELINE

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def add_jobs(jobs: Verbs) -> None:
    """Every job of `clip-warehouse ingest`."""
    _add_words(jobs)
    _add_weights(jobs)


def _add_words(jobs: Verbs) -> None:
    words = verb(jobs, "words", "words.ingest", "Show words to a model and keep every unit's answer.")
    model_options(words)
    shown = words.add_mutually_exclusive_group()
    shown.add_argument(
        "--count", type=int, default=10_000, help="how many of the most common English words (%(default)s)"
    )
    shown.add_argument("--file", help="show the texts of this file instead, one a line, UTF-8")
    words.add_argument(
        "--layers",
        help="addresses with commas (4/2/6,4/2/5), or all; default: the last block's outputs and last convolutions",
    )
    words.add_argument(
        "--baseline",
        default=DEFAULT_BASELINE,
        help="text to subtract, or 'average' for the mean over the words (%(default)s)",
    )
    words.add_argument("--text-size", type=int, help="font size, px; default: 20, smaller for models below 224 px")


def _add_weights(jobs: Verbs) -> None:
    weights = verb(
        jobs,
        "weights",
        "weights.ingest",
        "Compute expanded weights between all units of the chosen layers, and their statistics.",
    )
    model_options(weights)
    weights.add_argument(
        "--upper", help="upper layers, addresses with commas or all; default: the last bottleneck's last convolution"
    )
    weights.add_argument("--lower", default="all", help="lower layers, addresses with commas (%(default)s)")
    weights.add_argument(
        "--kernels", type=int, default=0, metavar="K", help="keep the spatial kernels of each unit's K strongest (0)"
    )


def add_evaluate(verbs: Verbs) -> None:
    """The verb that judges a checkpoint; it reads and writes no warehouse."""
    judged = verb(
        verbs,
        "evaluate",
        "evaluation.judge",
        "Judge a checkpoint on the bundled pictures and words: retrieval, and what its last units answer to.",
    )
    model_options(judged)
    judged.add_argument(
        "--styles", default="twemoji", help="picture styles, commas; units are judged on the first (%(default)s)"
    )
    judged.add_argument("--pictures", metavar="FILE", help="Parquet file of pictures; default: the shipped set")
    judged.add_argument("--format", choices=("table", "json"), default="table", help="table or json (%(default)s)")


def verb(
    verbs: Verbs,
    name: str,
    command: Callable[[argparse.Namespace], int | None] | str,
    described: str = "",
) -> argparse.ArgumentParser:
    """A command with its help; one that needs torch is `module.function` of ingest.commands, imported to be run."""
    if isinstance(command, str):
        command = partial(run_from_ingest, command)
    described = described or " ".join((command.__doc__ or "").split())
    parser = verbs.add_parser(name, help=described.rstrip("."), description=described)
    parser.add_argument(
        "--warehouse", metavar="FILE", help="the DuckDB file; default $CLIP_WAREHOUSE, then warehouse.duckdb"
    )
    parser.set_defaults(command=command)
    return parser


def run_from_ingest(name: str, options: argparse.Namespace) -> None:
    module, function = name.split(".")
    getattr(import_module(f"ingest.commands.{module}"), function)(options, chosen_warehouse(options))


def model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        default="emoji-rn50",
        help="open_clip name (RN50-quickgelu, RN101, RN50x4 ...), local-dir:PATH, or the bundled %(default)s",
    )
    parser.add_argument(
        "--pretrained", help="hub tag (openai, yfcc15m, cc12m), a checkpoint file, or random; default openai"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of --pretrained random (%(default)s)")
    parser.add_argument("--precision", default="float32", help="float32, tf32, bf16 or float64 (%(default)s)")
    device_option(parser)


def device_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (%(default)s)")


def chosen_warehouse(options: argparse.Namespace) -> Path:
    from warehouse.connection import warehouse_path

    return warehouse_path(options.warehouse)
