"""The verbs of residual shares: ours, and the published ones to hold them against."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ingest.commands.running import note, run_job
from ingest.layers import output_layer
from ingest.published import PublishedJob, content_of


def published(options: Namespace, path: Path) -> None:
    output_layer(options.bottleneck)  # a wrong address is told before anything is downloaded
    job = PublishedJob(content_of(options.source), options.bottleneck, options.source)
    dead = job.shares["shortcut_share"].null_count()
    note(f"{len(job.shares):,} units of {options.bottleneck}, {dead:,} of them dead, from {options.source}")
    run_job(job, path)
