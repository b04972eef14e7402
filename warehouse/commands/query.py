"""Run one SQL statement that reads."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from typing import TYPE_CHECKING

from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import ClipWarehouseError, UsageError
from warehouse.text_table import text_table
from warehouse.wording import number_of

if TYPE_CHECKING:
    import polars as pl

_TABLE_ROWS = 1_000


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("sql", help="one statement that reads, e.g. \"from word_top_units where word = 'hat' limit 5\"")
    parser.add_argument(
        "--format", choices=("table", "csv", "json", "parquet"), default="table", help="how to print (%(default)s)"
    )
    parser.add_argument("--limit", type=int, help="most rows to print (1,000 in a table; else all, up to a million)")
    parser.add_argument(
        "--names", action="store_true", help="add the name of each address and its trust, in two columns behind it"
    )
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds until the query is stopped (%(default)s)")


def run(options: Namespace) -> None:
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit {options.limit}: take 1 or more")
    if not options.timeout > 0:
        raise UsageError(f"--timeout {options.timeout:g}: take more than 0 seconds")
    from warehouse.reading import ending_process

    with ending_process(_say_stopped) if options.is_own_process else nullcontext():
        if options.format == "table":
            _print_table(options)
        else:
            _print_frame(options)


def _say_stopped(error: ClipWarehouseError) -> None:
    print(f"clip-warehouse: {error}", file=sys.stderr, flush=True)


def _print_table(options: Namespace) -> None:
    """As text, without Polars: its import takes longer than most queries."""
    from warehouse.reading import fetch

    answer = fetch(
        options.sql,
        warehouse=chosen_warehouse(options),
        row_limit=options.limit or _TABLE_ROWS,
        time_limit_s=options.timeout,
    )
    columns, rows = answer.columns, answer.rows
    if options.names:
        from warehouse.unit_names import with_names

        columns, rows = with_names(columns, rows, chosen_warehouse(options))
    print(text_table(columns, rows))
    if not answer.rows:
        note("no rows; views show the newest complete run of each job, all_runs.VIEW the older ones too")
    if answer.is_cut:
        note(f"only the first {number_of(len(answer.rows), 'row')}: --limit N for more, --format csv for a file")


def _print_frame(options: Namespace) -> None:
    import warehouse

    one_more = None if options.limit is None else options.limit + 1  # tells whether there are more
    frame = warehouse.query(
        options.sql, warehouse=chosen_warehouse(options), row_limit=one_more, time_limit_s=options.timeout
    )
    if options.limit is not None and len(frame) > options.limit:
        frame = frame.head(options.limit)
        note(f"only the first {number_of(len(frame), 'row')}: --limit N for more")
    if options.names:
        frame = _named(frame, options)
    if options.format == "csv":
        print(_flat(frame).write_csv(), end="")
    elif options.format == "json":
        print(frame.write_json())
    elif sys.stdout.isatty():
        raise UsageError("Parquet is not text: redirect it, clip-warehouse query ... --format parquet > FILE")
    else:
        frame.write_parquet(sys.stdout.buffer)


def _named(frame: pl.DataFrame, options: Namespace) -> pl.DataFrame:
    import polars as pl

    from warehouse.unit_names import with_names

    columns, rows = with_names(frame.columns, frame.rows(), chosen_warehouse(options))
    added = {name: pl.Float64 if name.endswith("trust") else pl.String for name in columns if name not in frame.columns}
    return pl.DataFrame(rows, {name: frame.schema.get(name, added.get(name)) for name in columns}, orient="row")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text with commas, and any other nested value as JSON: a CSV cell holds no more."""
    import polars as pl
    from polars import selectors

    lists = selectors.list() | selectors.array()
    return frame.with_columns(
        lists.cast(pl.List(pl.String)).list.join(", ", ignore_nulls=True), selectors.struct().struct.json_encode()
    )
