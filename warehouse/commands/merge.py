"""Copy models, stimuli and complete runs of another warehouse into this one; what is there already stays."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.commands.verb import at_home, chosen_warehouse, wait_option
from warehouse.wording import number_of

if TYPE_CHECKING:
    from warehouse.merging import Merged


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("other", type=at_home, help="the warehouse to copy from; it is only read")
    wait_option(parser)


def run(options: Namespace) -> None:
    from warehouse.lake import stored_rows
    from warehouse.merging import merge
    from warehouse.progress import Progress

    path, other = chosen_warehouse(options), Path(options.other)
    with Progress("merge", "rows", stored_rows(other)) as progress:
        merged = merge(path, other, progress.advance, options.wait)
    if merged.row_count:
        print(
            f"{number_of(merged.run_count, 'run')}, {number_of(merged.model_count, 'model')} and "
            f"{number_of(merged.stimulus_count, 'stimulus', 'stimuli')} new, "
            f"{number_of(merged.row_count, 'row')} merged into {path}; {other} is left as it was"
        )
    else:
        print(f"nothing to merge: {path} holds it all")
    for line in _left_out(merged, path, other):
        print(line)


def _left_out(merged: Merged, path: Path, other: Path) -> list[str]:
    reasons = {
        "there already": merged.known_count,
        f"unfinished in {path}: finish by its ingest command": merged.unfinished_here_count,
        f"unfinished in {other}: finish and merge again": merged.unfinished_there_count,
    }
    return [f"left out, {reason}: {number_of(count, 'run')}" for reason, count in reasons.items() if count]
