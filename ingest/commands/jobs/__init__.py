"""The verbs of `clip-warehouse ingest`, a file a job."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from ingest.commands.jobs import (
    coactivations,
    effects,
    features,
    logits,
    matches,
    microscope,
    names,
    pictures,
    published,
    shares,
    typographic,
    weights,
    words,
)
from warehouse.commands.verb import Verb, VerbParser, add_verb

JOBS: tuple[Verb, ...] = (
    words,
    weights,
    effects,
    coactivations,
    pictures,
    typographic,
    shares,
    logits,
    matches,
    names,
    published,
    features,
    microscope,
)


def add_jobs(parser: ArgumentParser) -> None:
    """Every job, as a verb of `parser`."""
    jobs = parser.add_subparsers(dest="job", required=True, metavar="JOB", parser_class=VerbParser)
    for job in JOBS:
        add_verb(jobs, job)


def run_typed(typed: Sequence[str], path: Path) -> None:
    """Run one job as if the words after `clip-warehouse ingest` had been typed."""
    parser = ArgumentParser(prog="clip-warehouse ingest", allow_abbrev=False)
    add_jobs(parser)
    options = parser.parse_args([*typed, "--warehouse", str(path)])
    options.run(options)
