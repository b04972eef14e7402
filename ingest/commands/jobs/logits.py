"""Split the cosines of pictures and texts exactly, into the parts of each unit, head and branch."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import at_least_one, concept_options, model_options, runner_options
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    runner_options(parser)
    concept_options(parser)
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


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.logits.job import LogitsJob
    from ingest.stimuli.attacked_pictures import attacked_pictures
    from ingest.stimuli.concept_lists import concept_list
    from ingest.stimuli.kept_pictures import kept_pictures

    path = chosen_warehouse(options)
    count = at_least_one("--pictures", options.pictures)
    model, arithmetic = model_and_arithmetic(options)
    pictures = (attacked_pictures if options.attacked else kept_pictures)(path, model, count)
    concepts, source = concept_list(options.concepts, pictures.names)
    make_job = partial(LogitsJob, model, pictures, concepts, arithmetic, template=options.template)
    job = make_job()
    shown = f"{number_of(len(pictures), 'picture')} and {number_of(len(concepts), 'concept')} ({source})"
    note(f"{shown}, {model.label} on {arithmetic.device}")
    run_job(job, path, shards_of(options, make_job))
