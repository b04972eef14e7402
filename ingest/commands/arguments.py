"""The options of the ingest jobs, and what the parsers of all verbs share. Imports no torch: help comes at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.stimuli.word_list import DEFAULT_BASELINE

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


_SOURCE = (
    "a folder, zip, tar (webdataset), Parquet or Arrow table, text file of URLs, or several of them with commas and "
    "'{000..009}' in quotes; default: the bundled pictures"
)


def add_jobs(jobs: Verbs) -> None:
    """Every job of `clip-warehouse ingest`."""
    _add_words(jobs)
    _add_weights(jobs)
    _add_pictures(jobs)
    _add_typographic(jobs)
    _add_shares(jobs)
    _add_published(jobs)
    _add_features(jobs)
    _add_microscope(jobs)


def _add_words(jobs: Verbs) -> None:
    words = verb(jobs, "words", "words.ingest", "Show words to a model and keep every unit's answer.")
    model_options(words)
    runner_options(words)
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
    runner_options(weights)
    weights.add_argument(
        "--upper", help="upper layers, addresses with commas or all; default: the last bottleneck's last convolution"
    )
    weights.add_argument("--lower", default="all", help="lower layers, addresses with commas (%(default)s)")
    weights.add_argument(
        "--kernels", type=int, default=0, metavar="K", help="keep the spatial kernels of each unit's K strongest (0)"
    )


def add_demo(verbs: Verbs) -> None:
    described = "The main jobs on the bundled model, then the findings."
    device_option(verb(verbs, "demo", "demonstration.demo", described))


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
        "--styles",
        help="picture styles, commas; units are judged on the first; default: all that are shipped, "
        "first twemoji, which training has not seen",
    )
    judged.add_argument("--pictures", metavar="FILE", help="Parquet file of pictures; default: the shipped set")
    judged.add_argument("--format", choices=("table", "json"), default="table", help="table or json (%(default)s)")


def _add_pictures(jobs: Verbs) -> None:
    pictures = verb(
        jobs, "pictures", "pictures.ingest", "Show a picture set to a model and keep how every unit answers to it."
    )
    model_options(pictures)
    runner_options(pictures)
    pictures.add_argument("source", nargs="?", metavar="SOURCE", help=_SOURCE)
    _unanswered_option(pictures)
    pictures.add_argument("--layers", default="all", help="addresses with commas (4/2/6,4/2/5), or %(default)s")
    pictures.add_argument(
        "--keep",
        choices=("activations", "sketches"),
        help="activations of all pictures, or sketches of all and activations of a sample; "
        "default: activations up to 20 million rows",
    )
    pictures.add_argument(
        "--thumbnails",
        type=int,
        default=112,
        metavar="PX",
        help="size of the small copies kept, 0 for none (%(default)s)",
    )
    pictures.add_argument(
        "--explicit", metavar="FILE", help="pictures to blur: addresses, file names or SHA-256, one a line"
    )


def _add_typographic(jobs: Verbs) -> None:
    typographic = verb(
        jobs, "typographic", "pictures.ingest_typographic", "Show pictures with and without a text laid over them."
    )
    model_options(typographic)
    runner_options(typographic)
    typographic.add_argument("--text", required=True, help="the text, for example iPod")
    typographic.add_argument("--pictures", metavar="SOURCE", help=_SOURCE)
    _unanswered_option(typographic)
    typographic.add_argument(
        "--layers",
        help="addresses with commas (4/2/6,4/2/5), or all; default: the last block's outputs and last convolutions",
    )
    typographic.add_argument("--size", type=int, help="font size, px; default: 20, smaller for models below 224 px")
    typographic.add_argument("--stroke", type=int, help="black stroke, px; default: 2, smaller below 224 px")
    typographic.add_argument("--grid", default="2x2", help="how often the text stands, across x down (%(default)s)")


def _unanswered_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unanswered",
        choices=("stop", "keep"),
        default="stop",
        help="addresses whose site does not answer: stop, and go on another time, or keep them as pictures that cannot "
        "be read, like dead links (%(default)s)",
    )


def _add_shares(jobs: Verbs) -> None:
    shares = verb(
        jobs,
        "shares",
        "shares.ingest",
        "Measure how much of each unit of a block's output comes from the shortcut, on that unit's own images.",
    )
    model_options(shares)
    runner_options(shares)
    shares.add_argument(
        "--bottlenecks", help="addresses with commas (4/2,4/1), or all; default: the last block's that have images"
    )
    shares.add_argument(
        "--images",
        choices=("examples", "features"),
        default="examples",
        help="a unit's top pictures, or its feature visualisation, as the article (%(default)s)",
    )
    shares.add_argument("--top", type=int, default=100, help="how many examples of each unit (%(default)s)")
    shares.add_argument(
        "--source", choices=("optimised", "microscope"), help="whose feature visualisations; default: the newest run's"
    )


def _add_published(jobs: Verbs) -> None:
    published = verb(
        jobs,
        "published",
        "shares.published",
        "Read the shortcut shares that the original repository ships, to hold ours against.",
    )
    published.add_argument("source", metavar="FILE_OR_URL", help="relu_conv_bottleneck_4_2.txt, or its https address")
    published.add_argument("--bottleneck", required=True, help="the bottleneck that the file speaks of, like 4/2")


def _add_features(jobs: Verbs) -> None:
    features = verb(
        jobs,
        "features",
        "features.ingest",
        "Optimise a picture for each chosen unit until it drives the unit as far as it goes; --seed seeds these too.",
    )
    model_options(features)
    runner_options(features)
    features.add_argument(
        "--units",
        metavar="UNITS",
        help="layers or units with commas (4/2/6, or 4/2/6/34,4/2/6/2), or a file of them, one a line; "
        "default: two dozen of the last block's output, evenly spaced",
    )
    _objective_option(features)
    features.add_argument("--steps", type=int, default=256, help="steps of the optimisation (%(default)s)")
    features.add_argument(
        "--starts", type=int, default=3, help="starts a unit, of which the best goes on after an eighth (%(default)s)"
    )
    features.add_argument("--size", type=int, metavar="PX", help="size of the pictures, px; default: the model's own")
    features.add_argument(
        "--lightness",
        type=float,
        default=0.9,
        help="of the even grey that pictures begin from, between 0 (black) and 1 (white) (%(default)s)",
    )


def _add_microscope(jobs: Verbs) -> None:
    microscope = verb(
        jobs,
        "microscope",
        "features.microscope",
        "Download OpenAI Microscope's pictures of the chosen units, for yourself: their licence is unknown.",
    )
    model_options(microscope)
    microscope.set_defaults(model="RN50-quickgelu")
    chosen = microscope.add_mutually_exclusive_group()
    chosen.add_argument("--layers", help="addresses with commas (4/2/6,4/1/6); default: the last block's output")
    chosen.add_argument("--units", metavar="UNITS", help="units instead, with commas, or a file of them, one a line")
    _objective_option(microscope)
    microscope.add_argument("--cache", metavar="DIR", help="folder for downloads; default ~/.cache/clip-warehouse")
    microscope.add_argument("--site", metavar="URL", help="a mirror with the same paths, should the site be gone")


def _objective_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--objective",
        choices=("channel", "neuron"),
        default="channel",
        help="what the picture drives: the unit averaged over its map, or its centre position (%(default)s)",
    )


def reproduce_options(parser: argparse.ArgumentParser) -> None:
    model_options(parser)
    parser.set_defaults(model="RN50-quickgelu")
    parser.add_argument("--quick", action="store_true", help="fewer words, weights and features: minutes on a CPU")
    parser.add_argument("--estimate", action="store_true", help="tell time and disk, and do nothing")
    parser.add_argument("--pictures", metavar="SOURCE", help="picture set for dataset examples; default: the bundled")
    parser.add_argument(
        "--published",
        metavar="DIR_OR_URL",
        help="where relu_conv_bottleneck_4_0.txt and so on lie; default: the original's repository",
    )
    parser.add_argument("--site", metavar="URL", help="a mirror of OpenAI Microscope, should the site be gone")
    parser.add_argument("--report", metavar="FILE", help="the report; default: FILE.html beside the warehouse")


def add_kernel(verbs: Verbs) -> None:
    drawn = verb(
        verbs,
        "kernel",
        "weights.kernel",
        "Where on the map a lower unit drives an upper one: the expanded weights of one pair.",
    )
    drawn.add_argument("lower", help="lower unit, for example 4/1/3/51")
    drawn.add_argument("upper", help="upper unit, for example 4/1/5/2")
    drawn.add_argument("--png", metavar="FILE", help="draw it instead of printing it")


def add_export(verbs: Verbs) -> None:
    written = verb(verbs, "export", "joining.export", "Write a table or view to a file or folder, or all to a lake.")
    written.add_argument("relation", nargs="?", help="a table or a view; all_runs.VIEW for every run")
    written.add_argument("path", nargs="?", help="FILE.parquet, FILE.csv or FILE.json; a folder with --partition-by")
    written.add_argument("--partition-by", help="columns with commas: a folder of Parquet files, column=value/")
    written.add_argument(
        "--lake", metavar="DIR", help="every table as Parquet into a new folder, and views.sql over the files"
    )


def add_merge(verbs: Verbs) -> None:
    joined = verb(
        verbs,
        "merge",
        "joining.merge",
        "Copy models, stimuli and complete runs of another warehouse into this one; what is there already stays.",
    )
    joined.add_argument("other", help="the warehouse to copy from; it is only read")
    joined.add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait for other processes to close the file (%(default)s)"
    )


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


def run_from_ingest(name: str, options: argparse.Namespace) -> int | None:
    module, function = name.split(".")
    found: Callable[[argparse.Namespace, Path], int | None] = getattr(
        import_module(f"ingest.commands.{module}"), function
    )
    return found(options, chosen_warehouse(options))


def model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        default="emoji-rn50",
        help="open_clip name (RN50-quickgelu, RN101, RN50x4 ...), local-dir:PATH, or the bundled %(default)s",
    )
    parser.add_argument(
        "--pretrained",
        help="hub tag (openai, yfcc15m, cc12m), a checkpoint file, or random; default openai, "
        "or what the bundled model or the folder holds",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of --pretrained random (%(default)s)")
    parser.add_argument("--precision", default="float32", help="float32, tf32, bf16 or float64 (%(default)s)")
    device_option(parser)


def runner_options(parser: argparse.ArgumentParser) -> None:
    """Where a job's shards are computed; the jobs that can travel have them."""
    parser.add_argument(
        "--runner",
        choices=("local", "ray"),
        default="local",
        help="compute here, or in workers of a Ray cluster that share the warehouse's folder (%(default)s)",
    )
    parser.add_argument(
        "--ray-address", metavar="ADDRESS", help="the cluster, as Ray names it; default $RAY_ADDRESS, then this machine"
    )


def device_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (%(default)s)")


def chosen_warehouse(options: argparse.Namespace) -> Path:
    from warehouse.connection import warehouse_path

    return warehouse_path(options.warehouse)
