"""The command line: reads arguments, puts the packages together, prints. Imports torch only for verbs that need it."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands import arguments
from ingest.commands.arguments import chosen_warehouse, device_option, run_from_ingest, verb
from ingest.stimuli.word_list import DEFAULT_BASELINE
from warehouse.errors import ClipWarehouseError, UsageError

if TYPE_CHECKING:
    import polars as pl

_INTERRUPTED = 130
_KEPT = "what is finished is kept, the same command goes on"
_AT_ONCE = "the file has all of it or nothing: the same command begins anew, or finds it done"
# What a Ctrl-C leaves behind, for the verbs that write.
_LEFT_BEHIND = {
    **dict.fromkeys(("demo", "ingest", "load", "reproduce"), _KEPT),
    **dict.fromkeys(("explicit", "merge", "migrate"), _AT_ONCE),
    "export": "nothing half written has the name that was given: the same command begins anew",
}
_DESCRIPTION = "Take a CLIP ResNet apart and keep what you find in one DuckDB file."


def main(command_line: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 good, 1 the warehouse or an input is at fault, 2 usage."""
    options = _parser().parse_args(command_line)
    options.is_own_process = command_line is None
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        code = command(options) or 0
        sys.stdout.flush()
        return code
    except ClipWarehouseError as error:
        print(f"clip-warehouse: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _stopped(options.verb)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # a Ctrl-C inside DuckDB
            raise
        return _stopped(options.verb)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.filename is not None:
            print(f"clip-warehouse: cannot use {error.filename}: {error.strerror}; name another path", file=sys.stderr)
            return ClipWarehouseError.exit_code
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"clip-warehouse: {error.strerror or error}: the output could not be written", file=sys.stderr)
        return ClipWarehouseError.exit_code


def _stopped(stopped_verb: str) -> int:
    left = _LEFT_BEHIND.get(stopped_verb)
    print(f"\nclip-warehouse: stopped{f'; {left}' if left else ''}", file=sys.stderr)
    return _INTERRUPTED


def reproduce(options: argparse.Namespace) -> int:
    """The article on one model: an estimate, every job in order, the claims beside what the weights say, a report."""
    from dashboards.report.writing import require_writable

    path = chosen_warehouse(options)
    out = Path(options.report or path.with_suffix(".html"))
    if options.estimate:
        return run_from_ingest("reproduction.reproduce", options) or 0
    require_writable(out, path)
    code = run_from_ingest("reproduction.reproduce", options) or 0
    report(argparse.Namespace(warehouse=options.warehouse, out=out, figures=None))
    return code


def report(options: argparse.Namespace) -> None:
    """Write what the file says of the article as one page to print or attach, and its figures as SVG and PNG."""
    from dashboards.report.writing import require_writable, write_figures, write_report

    path = chosen_warehouse(options)
    require_writable(Path(options.out), path)
    write_report(path, Path(options.out))
    print(f"report written to {options.out}")
    if options.figures:
        count = write_figures(path, Path(options.figures))
        print(f"{count} figures written to {options.figures}, each as SVG and PNG")


def status(options: argparse.Namespace) -> None:
    """What the warehouse holds, and what is unfinished."""
    from warehouse.reading import fetch
    from warehouse.staging import staged_runs

    path = chosen_warehouse(options)
    runs = fetch(
        "select run_id, trim(job_name || ' ' || part_name) as job_name, model_name, pretrained_tag, status, "
        "loaded_shard_count || ' of ' || shard_count as shards, stimulus_count as stimuli, "
        "rejected_stimulus_count as rejected, row_count, dtype, duration_s, is_shown "
        "from run_details order by run_id",
        warehouse=path,
        row_limit=1_000,
    )
    print(f"{path}: {path.stat().st_size / 1e6:,.1f} MB")
    print(_table(runs.columns, runs.rows) if runs.rows else "no run yet: clip-warehouse ingest words --help")
    if any(row[runs.columns.index("status")] == "running" for row in runs.rows):
        print("a run that nobody is computing any more goes on when its ingest command is typed again")
    if staged := staged_runs(path):
        print(f"{len(staged)} run(s) with staged shards: run the same ingest again, or clip-warehouse load")


def check(options: argparse.Namespace) -> int:
    """Run every data test; exit code 1 when one fails."""
    from warehouse.checking import check as run_checks

    results = run_checks(chosen_warehouse(options))
    rows = [
        (result.check_name, "ok" if not result.failing_count else "FAILED", result.failing_count, result.first_failure)
        for result in results
    ]
    print(_table(["check", "result", "failing rows", "first of them"], rows))
    return int(any(result.failing_count for result in results))


def load(options: argparse.Namespace) -> None:
    """Load the shards that an interrupted or locked-out ingest has left staged."""
    from warehouse.loading import load_everything

    if not options.wait >= 0:
        raise UsageError(f"--wait {options.wait:g}: take 0 seconds or more")
    loaded = load_everything(chosen_warehouse(options), options.wait)
    for run_id, count in loaded.items():
        print(f"run {run_id}: {count} shard(s) loaded")
    if not loaded:
        print("nothing staged")


def migrate(options: argparse.Namespace) -> None:
    """Bring a file of an earlier version up to this one: its tables, then its views; its rows stay."""
    from warehouse.schema import SCHEMA_VERSION, update

    path = chosen_warehouse(options)
    for name in update(path):
        print(f"{name} applied")
    print(f"{path} has schema {SCHEMA_VERSION} and this version's views")


def query(options: argparse.Namespace) -> None:
    """Run one reading SQL statement."""
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit {options.limit}: take 1 or more")
    if not options.timeout > 0:
        raise UsageError(f"--timeout {options.timeout:g}: take more than 0 seconds")
    from warehouse.reading import ending_process

    with ending_process(_say_stopped) if options.is_own_process else nullcontext():
        _query(options)


def _say_stopped(error: ClipWarehouseError) -> None:
    print(f"clip-warehouse: {error}", file=sys.stderr, flush=True)


def _query(options: argparse.Namespace) -> None:
    from warehouse.reading import ROW_LIMIT, fetch

    if options.format == "table":
        answer = fetch(
            options.sql,
            warehouse=chosen_warehouse(options),
            row_limit=options.limit or 1_000,
            time_limit_s=options.timeout,
        )
        print(_table(answer.columns, answer.rows))
        if not answer.rows:
            _note("no rows; views show the newest complete run of each job, all_runs.VIEW the older ones too")
        if answer.is_cut:
            _note(f"the first {len(answer.rows):,} rows; --limit N for more, --format csv for a file")
        return
    import warehouse

    frame = warehouse.query(
        options.sql,
        warehouse=chosen_warehouse(options),
        row_limit=options.limit or ROW_LIMIT,
        time_limit_s=options.timeout,
    )
    if len(frame) == (options.limit or ROW_LIMIT):
        _note(f"the first {len(frame):,} rows; --limit N for more")
    if options.format == "csv":
        print(_flat(frame).write_csv(), end="")
    elif options.format == "json":
        print(frame.write_json())
    elif sys.stdout.isatty():
        raise UsageError("Parquet is no text: redirect it, clip-warehouse query ... --format parquet > FILE")
    else:
        frame.write_parquet(sys.stdout.buffer)


def difference(options: argparse.Namespace) -> None:
    """The channel difference engine: the units that a text drives above the baseline."""
    from warehouse.errors import UnknownUnit
    from warehouse.reading import fetch

    if options.top < 1:
        raise UsageError(f"--top {options.top}: take 1 or more")
    path = chosen_warehouse(options)
    known = [name for (name,) in fetch("select distinct layer_name from layers", warehouse=path, row_limit=1_000).rows]
    if known and options.layer not in known:
        raise UnknownUnit(f"no layer {options.layer!r} in {path}: write block/bottleneck/index, like {max(known)}")
    stored = fetch(
        "select unit_name, activation_difference, target_activation_mean, baseline_activation_mean, "
        "model_name || ' (' || pretrained_tag || ')' from channel_difference($word, $baseline) "
        "inner join run_details using (run_id) where layer_name = $layer and job_name = 'words' "
        "order by activation_difference desc",
        warehouse=path,
        row_limit=options.top,
        word=options.word,
        baseline=options.baseline,
        layer=options.layer,
    )
    if not stored.rows:
        run_from_ingest("words.difference", options)
        return
    (model,) = {row[-1] for row in stored.rows}
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer} of {model}, stored")
    rows = [(rank, *row[:-1]) for rank, row in enumerate(stored.rows, start=1)]
    print(_table(["rank", *stored.columns[:-1]], rows))


def explicit(options: argparse.Namespace) -> None:
    """Blur pictures on every page until a person reveals them, or, with --clear, no longer."""
    from ingest.stimuli.word_list import read_word_list
    from warehouse.explicit import mark_explicit

    entries = read_word_list(Path(options.file))
    count = mark_explicit(chosen_warehouse(options), entries, is_explicit=not options.clear)
    print(f"{count:,} picture(s) {'no longer explicit' if options.clear else 'explicit now'}, {len(entries):,} listed")


def dashboard(options: argparse.Namespace) -> None:
    """Open the pages in a browser."""
    from warehouse.connection import ENVIRONMENT_VARIABLE
    from warehouse.reading import read

    path = chosen_warehouse(options).resolve()
    read(path).close()
    _require_free_port(options.port)
    server = Path(__file__).parent / "dashboards" / "server.py"
    command = [sys.executable, "-m", "streamlit", "run", str(server), "--server.port", str(options.port)]
    if options.headless:
        command += ["--server.headless", "true"]
    os.chdir(server.parent)
    # The server takes this process's place, so that a signal meant for the command ends the server.
    os.execve(sys.executable, command, {**os.environ, ENVIRONMENT_VARIABLE: str(path)})


def _require_free_port(port: int) -> None:
    if not 0 < port < 65_536:
        raise UsageError(f"--port {port}: take one from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except OSError as error:
            raise UsageError(f"port {port} is taken ({error.strerror}): take another with --port") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clip-warehouse", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=_version())
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")

    arguments.add_demo(verbs)

    jobs = verbs.add_parser("ingest", help="measure a model: one job each").add_subparsers(
        dest="job", required=True, metavar="JOB"
    )
    arguments.add_jobs(jobs)

    arguments.reproduce_options(verb(verbs, "reproduce", reproduce))
    written = verb(verbs, "report", report)
    written.add_argument("--out", default="report.html", help="the page (%(default)s)")
    written.add_argument("--figures", metavar="DIR", help="write the figures as SVG and PNG into this folder, too")
    verb(verbs, "status", status)
    verb(verbs, "check", check)
    verb(verbs, "load", load).add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait for other processes to close the file (%(default)s)"
    )

    verb(verbs, "migrate", migrate)

    asked = verb(verbs, "query", query)
    asked.add_argument("sql", help="one statement that reads, e.g. \"from word_top_units where word = 'hat' limit 5\"")
    asked.add_argument(
        "--format", choices=("table", "csv", "json", "parquet"), default="table", help="how to print (%(default)s)"
    )
    asked.add_argument("--limit", type=int, help="most rows to print (1,000 in a table, else 1,000,000)")
    asked.add_argument("--timeout", type=float, default=60.0, help="seconds until the query is stopped (%(default)s)")

    engine = verb(verbs, "difference", difference)
    engine.add_argument("word", help="text to show; run live through the model when it is not stored")
    engine.add_argument("--baseline", default=DEFAULT_BASELINE, help="text to subtract (%(default)s)")
    engine.add_argument("--layer", default="4/2/6", help="layer whose units are listed (%(default)s)")
    engine.add_argument("--top", type=int, default=10, help="how many units (%(default)s)")
    device_option(engine)

    arguments.add_kernel(verbs)
    arguments.add_export(verbs)
    arguments.add_merge(verbs)

    blurred = verb(verbs, "explicit", explicit)
    blurred.add_argument("file", help="pictures, one a line: addresses, file names or SHA-256 of the bytes")
    blurred.add_argument("--clear", action="store_true", help="take it back")

    pages = verb(verbs, "dashboard", dashboard)
    pages.add_argument("--port", type=int, default=8501, help="port of the server (%(default)s)")
    pages.add_argument("--headless", action="store_true", help="do not open a browser")

    arguments.add_evaluate(verbs)

    verb(
        verbs,
        "probe",
        "machine.probe",
        "What this machine can do: device, versions, whether the hub and Microscope answer.",
    )
    return parser


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text with commas, and any other nested value as JSON: a CSV cell holds no more."""
    import polars as pl
    from polars import selectors

    lists = selectors.list() | selectors.array()
    return frame.with_columns(
        lists.cast(pl.List(pl.String)).list.join(", ", ignore_nulls=True), selectors.struct().struct.json_encode()
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    from warehouse.text_table import text_table

    return text_table(columns, rows)


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def _version() -> str:
    try:
        return f"clip-warehouse {version('clip-circuits-warehouse')}"
    except PackageNotFoundError:
        return "clip-warehouse (checkout)"


if __name__ == "__main__":
    sys.exit(main())
