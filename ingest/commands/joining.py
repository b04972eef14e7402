"""The verbs that carry a warehouse beyond its file: a lake of Parquet files, and two warehouses made one."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest.runs.progress import Progress
from warehouse.errors import UsageError
from warehouse.export import export as write
from warehouse.lake import VIEWS_FILE, export_lake, stored_rows
from warehouse.merging import Merged
from warehouse.merging import merge as merge_into


def export(options: argparse.Namespace, path: Path) -> None:
    """Every table to a folder (--lake), or one table or view to a file or folder."""
    if options.lake:
        _export_lake(options, path)
        return
    if not options.path:
        raise UsageError("export takes RELATION PATH, or --lake DIR for every table")
    partition_by = [name for name in (options.partition_by or "").split(",") if name]
    count = write(path, options.relation, Path(options.path), partition_by)
    print(f"{count:,} rows of {options.relation} written to {options.path}")


def _export_lake(options: argparse.Namespace, path: Path) -> None:
    if options.relation or options.partition_by:
        raise UsageError("--lake takes every table: leave RELATION, PATH and --partition-by out")
    folder = Path(options.lake)
    with Progress("lake", "rows", stored_rows(path)) as progress:
        count = export_lake(path, folder, progress.advance)
    print(f"{count:,} rows written to {folder}; open it there with: duckdb -init {VIEWS_FILE}")


def merge(options: argparse.Namespace, path: Path) -> None:
    """Copy the models, stimuli and complete runs of another warehouse into this one."""
    other = Path(options.other)
    with Progress("merge", "rows", stored_rows(other)) as progress:
        merged = merge_into(path, other, progress.advance, options.wait)
    if merged.row_count:
        print(
            f"{merged.run_count:,} run(s), {merged.model_count:,} model(s) and {merged.stimulus_count:,} stimuli new, "
            f"{merged.row_count:,} rows merged into {path}; {other} is left as it was"
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
    return [f"left out, {reason}: {count:,} run(s)" for reason, count in reasons.items() if count]
