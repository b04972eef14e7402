"""Write a table or view to a file or folder, or all to a lake."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from warehouse.commands.verb import at_home, chosen_warehouse
from warehouse.errors import UsageError
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("relation", nargs="?", help="a table or a view; all_runs.VIEW for every run")
    parser.add_argument(
        "path", type=at_home, nargs="?", help="FILE.parquet, FILE.csv or FILE.json; a folder with --partition-by"
    )
    parser.add_argument("--partition-by", help="columns with commas: a folder of Parquet files, column=value/")
    parser.add_argument(
        "--lake",
        type=at_home,
        metavar="DIR",
        help="every table as Parquet into a new folder, and views.sql over the files",
    )


def run(options: Namespace) -> None:
    if options.lake:
        _export_lake(options)
    else:
        _export_relation(options)


def _export_relation(options: Namespace) -> None:
    from warehouse.export import export

    if not options.path:
        raise UsageError("export takes RELATION PATH, or --lake DIR for every table")
    partition_by = [name for name in (options.partition_by or "").split(",") if name]
    count = export(chosen_warehouse(options), options.relation, Path(options.path), partition_by)
    print(f"{number_of(count, 'row')} of {options.relation} written to {options.path}")


def _export_lake(options: Namespace) -> None:
    from warehouse.lake import VIEWS_FILE, export_lake, stored_rows
    from warehouse.progress import Progress

    if options.relation or options.partition_by:
        raise UsageError("--lake takes every table: leave RELATION, PATH and --partition-by out")
    path, folder = chosen_warehouse(options), Path(options.lake)
    with Progress("lake", "rows", stored_rows(path)) as progress:
        count = export_lake(path, folder, progress.advance)
    print(f"{number_of(count, 'row')} written to {folder}; open it there with: duckdb -init {VIEWS_FILE}")
