"""Options that several verbs have. Imports no torch: help comes at once."""

from __future__ import annotations

from argparse import ArgumentParser

from warehouse.commands.verb import at_home
from warehouse.errors import UsageError

PICTURE_SOURCE = (
    "a folder, zip, tar (webdataset, compressed too), Parquet or Arrow table, a list of paths or https addresses "
    "(.txt, .csv, .tsv, .jsonl; http: is not taken), or several of them, with commas and '{000..009}' in quotes; "
    "default: the bundled pictures"
)
_BUNDLED = "emoji-rn50"
LAST_BLOCK = "default: the last block's outputs and last convolutions"


def model_options(parser: ArgumentParser, *, fast: bool = False, is_files: bool = False) -> None:
    """fast: tf32 on a GPU that has it unless --precision is given: for a job whose numbers are read back.

    is_files: the model that the warehouse shows unless --model is given: for a question about what is measured there.
    """
    kinds = f"open_clip name (RN50-quickgelu, RN101, RN50x4 ...), local-dir:PATH, or the bundled {_BUNDLED}"
    if is_files:
        parser.add_argument("--model", help=f"{kinds}; default: the model of the pictures that the warehouse shows")
    else:
        parser.add_argument("--model", default=_BUNDLED, help=kinds)
    parser.add_argument(
        "--pretrained",
        help="hub tag (openai, yfcc15m, cc12m), a checkpoint file, or random; default openai, "
        "or what the bundled model or the folder holds",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of --pretrained random (%(default)s)")
    precisions = "float32, tf32, bf16 or float64"
    if fast:
        parser.add_argument("--precision", help=f"{precisions}; default: tf32 on a GPU that has it, else float32")
    else:
        parser.add_argument("--precision", default="float32", help=f"{precisions} (%(default)s)")
    device_option(parser)


def device_option(parser: ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (%(default)s)")


def runner_options(parser: ArgumentParser) -> None:
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


def picture_set_options(parser: ArgumentParser) -> None:
    """How a picture set is read, for every verb that shows one."""
    parser.add_argument(
        "--unanswered",
        choices=("stop", "keep"),
        default="stop",
        help="addresses whose site does not answer: stop, and go on another time, or keep them as pictures that cannot "
        "be read, like dead links (%(default)s)",
    )
    parser.add_argument(
        "--unreadable",
        choices=("stop", "keep"),
        default="stop",
        help="folders that cannot be opened, and a source of which hardly anything is a picture: stop, or go on "
        "without, and keep what is not a picture as a row with its reason (%(default)s)",
    )
    parser.add_argument("--image-column", metavar="NAME", help="column of a table or list; default: the usual names")
    parser.add_argument("--caption-column", metavar="NAME", help="column of a table or list; default: the usual names")


def concept_options(parser: ArgumentParser) -> None:
    """Which texts pictures are compared with."""
    parser.add_argument(
        "--concepts",
        type=at_home,
        metavar="FILE",
        help="texts to compare the pictures with, one per line, UTF-8; default: the captions of the picture set, "
        "or the 2,000 most common English words where it has none or more than 10,000",
    )
    parser.add_argument(
        "--template",
        default="{}",
        help="what each text is set into, for example 'a photo of a {}'; default: the text as it stands",
    )


def objective_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--objective",
        choices=("channel", "neuron"),
        default="channel",
        help="what the picture drives: the unit averaged over its map, or its centre position (%(default)s)",
    )


def at_least_one(option: str, count: int) -> int:
    """A count that was typed. Raises UsageError below 1."""
    if count < 1:
        raise UsageError(f"{option} {count}: take 1 or more")
    return count
