"""Read the shortcut shares that the original repository ships, to compare ours with them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "source", type=at_home, metavar="FILE_OR_URL", help="relu_conv_bottleneck_4_2.txt, or its https address"
    )
    parser.add_argument("--bottleneck", required=True, help="the bottleneck that the file is about, like 4/2")


def run(options: Namespace) -> None:
    from ingest.commands.running import run_job
    from ingest.network.layers import output_layer
    from ingest.shares.published import PublishedJob, content_of

    output_layer(options.bottleneck)  # a wrong address is told before anything is downloaded
    job = PublishedJob(content_of(options.source), options.bottleneck, options.source)
    dead = job.shares["shortcut_share"].null_count()
    note(f"{number_of(len(job.shares), 'unit')} of {options.bottleneck}, {dead:,} of them dead, from {options.source}")
    run_job(job, chosen_warehouse(options))
