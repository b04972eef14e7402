"""Split the cosines of pictures and texts exactly: what each unit and head says, and along which branch it came."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.options import model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from ingest.stimuli.kept_pictures import KeptPictures

_MOST_NAMES = 10_000
_COMMON_WORDS = 2_000


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    parser.add_argument(
        "--concepts",
        metavar="FILE",
        help="texts to hold the pictures against, one a line, UTF-8; default: the captions of the picture set, "
        f"or the {_COMMON_WORDS:,} most common English words where it has none or more than {_MOST_NAMES:,}",
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=256,
        metavar="N",
        help="how many pictures of the newest run of pictures, those of the smallest content hashes (%(default)s)",
    )
    parser.add_argument(
        "--attacked",
        action="store_true",
        help="take the pictures of the newest typographic run instead, clean and with the text laid over them",
    )
    parser.add_argument(
        "--template",
        default="{}",
        help="what each text is set into, for example 'a photo of a {}'; default: the text as it stands",
    )


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import arithmetic_of, model_of, run_job, shards_of
    from ingest.logits.job import LogitsJob
    from ingest.stimuli.attacked_pictures import attacked_pictures
    from ingest.stimuli.kept_pictures import kept_pictures

    if options.pictures < 1:
        raise UsageError(f"--pictures {options.pictures}: take 1 or more")
    path = chosen_warehouse(options)
    where = arithmetic_of(options)
    model = model_of(options)
    pictures = (attacked_pictures if options.attacked else kept_pictures)(path, model, options.pictures)
    concepts, source = _concepts(options, pictures)
    make_job = partial(LogitsJob, model, pictures, concepts, where, template=options.template)
    job = make_job()
    note(f"{len(pictures):,} pictures and {len(concepts):,} {source}, {model.label} on {where.device}")
    run_job(job, path, shards_of(options, make_job))
    if job.unreadable:
        note(f"{len(job.unreadable):,} pictures could not be read any more and are left out")


def _concepts(options: Namespace, pictures: KeptPictures) -> tuple[list[str], str]:
    """The texts, and what to call them."""
    from ingest.stimuli.word_list import common_words
    from warehouse.lists import read_list

    if options.concepts:
        return read_list(Path(options.concepts)), f"texts of {options.concepts}"
    if 0 < len(pictures.names) <= _MOST_NAMES:
        return list(pictures.names), "names of pictures"
    return common_words(_COMMON_WORDS), "common words"
