"""The command line: reads arguments, puts the packages together, prints. Imports torch only for verbs that need it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import ClipWarehouseError, InputError, UsageError

if TYPE_CHECKING:
    from ingest.model import ClipModel
    from ingest.runner import Outcome

_DEMO_WORDS = 10_000
_DEMO_QUERIES = ("unit_to_words", "word_to_units", "most_selective_units")
_INTERRUPTED = 130
_DESCRIPTION = "Take a CLIP ResNet apart and keep what you find in one DuckDB file."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 good, 1 the warehouse or an input is at fault, 2 usage."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        return command(options) or 0
    except ClipWarehouseError as error:
        print(f"clip-warehouse: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nclip-warehouse: stopped; what is finished is kept, the same command goes on", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def demo(options: argparse.Namespace) -> None:
    """Words into the bundled model, then the findings."""
    from ingest.model import BUNDLED_MODEL

    options.model, options.pretrained, options.seed = BUNDLED_MODEL, None, 0
    options.layers, options.count, options.file, options.text_size = None, _DEMO_WORDS, None, None
    options.precision = "float32"
    options.baseline = _default_baseline()
    ingest_words(options)
    for name in _DEMO_QUERIES:
        _print_example(name, _warehouse(options))
    named = f" --warehouse {options.warehouse}" if options.warehouse else ""
    print(
        "\nNext:\n"
        f"  clip-warehouse difference guitar{named}\n"
        f"  clip-warehouse query \"from unit_card('4/2/6/34')\"{named}\n"
        f"  clip-warehouse status{named}\n"
        f"  clip-warehouse dashboard{named}"
    )


def ingest_words(options: argparse.Namespace) -> None:
    """Show words to a model and keep every unit's answer."""
    from ingest.device import arithmetic
    from ingest.layers import default_layers, select_layers
    from ingest.model import load_model
    from ingest.runner import run
    from ingest.text_stimuli import RasterSettings
    from ingest.word_list import common_words, read_word_list
    from ingest.words import WordsJob

    words = read_word_list(Path(options.file)) if options.file else common_words(options.count)
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    layers = select_layers(model.layers, options.layers or default_layers(model.layers))
    raster = RasterSettings(model.image_size_px, options.text_size or model.text_size_px)
    job = WordsJob(model, words, layers, where, baseline=options.baseline, raster=raster)
    rejected = job.stimuli["error_message"].count()
    _note(
        f"{len(job.stimuli):,} words, {len(layers)} layers of {model.model_name} ({model.pretrained_tag}) "
        f"on {where.device}"
    )
    if rejected:
        _note(f"{rejected:,} words cannot be shown at {raster.text_size_px} px and are kept with their reason")
    _report(run(job, _warehouse(options)), _warehouse(options))


def ingest_weights(options: argparse.Namespace) -> None:
    """Compute expanded weights between every pair of units of the chosen layers, and their statistics."""
    from ingest.contributions import ContributionsJob
    from ingest.device import arithmetic
    from ingest.layers import last_convolution, select_layers
    from ingest.model import load_model
    from ingest.runner import run
    from ingest.weights import WeightsJob

    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    uppers = select_layers(model.layers, options.upper or last_convolution(model.layers))
    lowers = select_layers(model.layers, options.lower)
    job = WeightsJob(model, uppers, lowers, where, kernel_count=options.kernels)
    pairs = sum(map(job.size_of, range(job.shard_count)))
    _note(f"{pairs:,} pairs of units of {model.model_name} ({model.pretrained_tag}) on {where.device}")
    path = _warehouse(options)
    outcome = run(job, path)
    _report(outcome, path)
    _report(run(ContributionsJob(model, where, path, outcome.run_id), path), path)


def kernel(options: argparse.Namespace) -> None:
    """Where on the map a lower unit drives an upper one: the spatial expanded weights of one pair."""
    from ingest.kernel import draw, kernel_of

    model = _stored_model(_warehouse(options), "weights")
    found = kernel_of(model, options.lower, options.upper)
    if options.png:
        try:
            draw(found.weights).save(options.png, format="PNG")
        except OSError as error:
            raise InputError(f"cannot write {options.png}: {error.strerror or error}") from error
        print(f"{options.lower} -> {options.upper}, {found.weights.shape}, drawn to {options.png}")
        return
    columns = ["y, x", *(str(found.left + x) for x in range(found.weights.shape[1]))]
    rows = [(str(found.top + y), *map(float, row)) for y, row in enumerate(found.weights)]
    print(f"{options.lower} -> {options.upper}: sum {found.weights.sum():.4g}, magnitude {found.magnitude:.4g}")
    print(_table(columns, rows))


def status(options: argparse.Namespace) -> None:
    """What the warehouse holds, and what is unfinished."""
    from warehouse.reading import fetch
    from warehouse.staging import staged_runs

    path = _warehouse(options)
    runs = fetch(
        "select run_id, job_name, model_name, pretrained_tag, status, "
        "loaded_shard_count || ' of ' || shard_count as shards, stimulus_count as stimuli, "
        "rejected_stimulus_count as rejected, row_count, dtype, duration_s, is_shown "
        "from run_details order by run_id",
        warehouse=path,
        row_limit=1_000,
    )
    print(f"{path}: {path.stat().st_size / 1e6:,.1f} MB")
    print(_table(runs.columns, runs.rows) if runs.rows else "no run yet: clip-warehouse ingest words --help")
    if staged := staged_runs(path):
        print(f"{len(staged)} run(s) with staged shards: run the same ingest again, or clip-warehouse load")


def check(options: argparse.Namespace) -> int:
    """Run every data test; exit code 1 when one fails."""
    from warehouse.checking import check as run_checks

    results = run_checks(_warehouse(options))
    rows = [
        (result.check_name, "ok" if not result.failing_count else "FAILED", result.failing_count, result.first_failure)
        for result in results
    ]
    print(_table(["check", "result", "failing rows", "first of them"], rows))
    return int(any(result.failing_count for result in results))


def load(options: argparse.Namespace) -> None:
    """Load the shards that an interrupted or locked-out ingest has left staged."""
    from warehouse.loading import load_everything

    loaded = load_everything(_warehouse(options), options.wait)
    for run_id, count in loaded.items():
        print(f"run {run_id}: {count} shard(s) loaded")
    if not loaded:
        print("nothing staged")


def query(options: argparse.Namespace) -> None:
    """Run one reading SQL statement."""
    from warehouse.reading import ROW_LIMIT, fetch

    if options.format == "table":
        answer = fetch(
            options.sql, warehouse=_warehouse(options), row_limit=options.limit or 1_000, time_limit_s=options.timeout
        )
        print(_table(answer.columns, answer.rows))
        if not answer.rows:
            _note("no rows")
        if answer.is_cut:
            _note(f"the first {len(answer.rows):,} rows; --limit N for more, --format csv for a file")
        return
    import warehouse

    frame = warehouse.query(
        options.sql,
        warehouse=_warehouse(options),
        row_limit=options.limit or ROW_LIMIT,
        time_limit_s=options.timeout,
    )
    if options.format == "csv":
        print(frame.write_csv(), end="")
    elif options.format == "json":
        print(frame.write_json())
    elif sys.stdout.isatty():
        raise UsageError("Parquet is no text: redirect it, clip-warehouse query ... --format parquet > FILE")
    else:
        frame.write_parquet(sys.stdout.buffer)


def difference(options: argparse.Namespace) -> None:
    """The channel difference engine: the units that a word drives above the baseline."""
    path = _warehouse(options)
    stored = _stored_difference(options, path)
    if stored:
        columns, rows, how = *stored, "stored"
    else:
        columns, rows = _live_difference(options, path)
        how = "run now"
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer}, {how}")
    print(_table(["rank", *columns], [(rank, *row) for rank, row in enumerate(rows, start=1)]))


def export(options: argparse.Namespace) -> None:
    """Write a table or view to a file, or partitioned to a folder."""
    from warehouse.export import export as write

    partition_by = [name for name in (options.partition_by or "").split(",") if name]
    count = write(_warehouse(options), options.relation, Path(options.path), partition_by)
    print(f"{count:,} rows of {options.relation} written to {options.path}")


def dashboard(options: argparse.Namespace) -> int:
    """Open the pages in a browser."""
    from warehouse.connection import ENVIRONMENT_VARIABLE
    from warehouse.reading import read

    path = _warehouse(options)
    read(path).close()
    app = Path(__file__).parent / "dashboards" / "app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(options.port)]
    if options.headless:
        command += ["--server.headless", "true"]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends cleanly
    return subprocess.run(
        command, env={**os.environ, ENVIRONMENT_VARIABLE: str(path.resolve())}, cwd=app.parent
    ).returncode


def probe(options: argparse.Namespace) -> None:
    """What this machine can do: device, versions, and whether the hub and Microscope answer."""
    from ingest.probe import probe as look

    print(_table(["what", "found"], look(), width_limit=200))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clip-warehouse", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=_version())
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")

    _device_option(_verb(verbs, "demo", demo))

    jobs = verbs.add_parser("ingest", help="measure a model: one job each").add_subparsers(
        dest="job", required=True, metavar="JOB"
    )
    words = _verb(jobs, "words", ingest_words)
    _model_options(words)
    words.add_argument(
        "--count", type=int, default=_DEMO_WORDS, help="how many of the most common English words (%(default)s)"
    )
    words.add_argument("--file", help="show the texts of this file instead, one a line, UTF-8")
    words.add_argument(
        "--layers",
        help="addresses with commas (4/2/6,4/2/5), or all; default: the last block's outputs and last convolutions",
    )
    words.add_argument(
        "--baseline",
        default=_default_baseline(),
        help="text to subtract, or 'average' for the mean over the words (%(default)s)",
    )
    words.add_argument("--text-size", type=int, help="font size, px; default: 20, smaller for models below 224 px")

    weights = _verb(jobs, "weights", ingest_weights)
    _model_options(weights)
    weights.add_argument(
        "--upper", help="upper layers, addresses with commas or all; default: the last bottleneck's last convolution"
    )
    weights.add_argument("--lower", default="all", help="lower layers, addresses with commas (%(default)s)")
    weights.add_argument(
        "--kernels", type=int, default=0, metavar="K", help="keep the spatial kernels of each unit's K strongest (0)"
    )

    _verb(verbs, "status", status)
    _verb(verbs, "check", check)
    _verb(verbs, "load", load).add_argument(
        "--wait", type=float, default=60.0, help="seconds to wait for other processes to close the file (%(default)s)"
    )

    asked = _verb(verbs, "query", query)
    asked.add_argument("sql", help="one statement that reads, e.g. \"from word_top_units where word = 'hat' limit 5\"")
    asked.add_argument(
        "--format", choices=("table", "csv", "json", "parquet"), default="table", help="how to print (%(default)s)"
    )
    asked.add_argument("--limit", type=int, help="most rows to print (1,000 in a table, else 1,000,000)")
    asked.add_argument("--timeout", type=float, default=60.0, help="seconds until the query is stopped (%(default)s)")

    engine = _verb(verbs, "difference", difference)
    engine.add_argument("word", help="text to show; run live through the model when it is not stored")
    engine.add_argument("--baseline", default=_default_baseline(), help="text to subtract (%(default)s)")
    engine.add_argument("--layer", default="4/2/6", help="layer whose units are listed (%(default)s)")
    engine.add_argument("--top", type=int, default=10, help="how many units (%(default)s)")
    _device_option(engine)

    drawn = _verb(verbs, "kernel", kernel)
    drawn.add_argument("lower", help="lower unit, for example 4/1/3/51")
    drawn.add_argument("upper", help="upper unit, for example 4/1/5/2")
    drawn.add_argument("--png", metavar="FILE", help="draw it instead of printing it")

    written = _verb(verbs, "export", export)
    written.add_argument("relation", help="a table or a view; all_runs.VIEW for every run")
    written.add_argument("path", help="FILE.parquet, FILE.csv or FILE.json; a folder with --partition-by")
    written.add_argument("--partition-by", help="columns with commas: a folder of Parquet files, column=value/")

    pages = _verb(verbs, "dashboard", dashboard)
    pages.add_argument("--port", type=int, default=8501, help="port of the server (%(default)s)")
    pages.add_argument("--headless", action="store_true", help="do not open a browser")

    _verb(verbs, "probe", probe)
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int | None],
) -> argparse.ArgumentParser:
    described = " ".join((command.__doc__ or "").split())
    parser = verbs.add_parser(name, help=described.rstrip("."), description=described)
    parser.add_argument(
        "--warehouse", metavar="FILE", help="the DuckDB file; default $CLIP_WAREHOUSE, then warehouse.duckdb"
    )
    parser.set_defaults(command=command)
    return parser


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        default="emoji-rn50",
        help="open_clip name (RN50-quickgelu, RN101, RN50x4 ...), local-dir:PATH, or the bundled %(default)s",
    )
    parser.add_argument(
        "--pretrained", help="hub tag (openai, yfcc15m, cc12m), a checkpoint file, or random; default openai"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of --pretrained random (%(default)s)")
    parser.add_argument("--precision", default="float32", help="float32, tf32, bf16 or float64 (%(default)s)")
    _device_option(parser)


def _device_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (%(default)s)")


def _warehouse(options: argparse.Namespace) -> Path:
    from warehouse.connection import warehouse_path

    return warehouse_path(options.warehouse)


def _default_baseline() -> str:
    return "eeeeee"


def _stored_difference(options: argparse.Namespace, path: Path) -> tuple[list[str], list[tuple]] | None:
    """The difference from the shown words run, when both texts and the layer are stored there."""
    import warehouse

    _require_layer(options.layer, path)
    frame = warehouse.query(
        "from channel_difference($word, $baseline) where layer_name = $layer "
        "and run_id in (select run_id from shown_runs where job_name = 'words') limit $top",
        warehouse=path,
        word=options.word,
        baseline=options.baseline,
        layer=options.layer,
        top=options.top,
    ).drop("layer_name", "run_id")
    return (frame.columns, frame.rows()) if len(frame) else None


def _live_difference(options: argparse.Namespace, path: Path) -> tuple[list[str], list[tuple]]:
    """The difference from the model of the shown words run, with that run's raster settings."""
    import warehouse
    from ingest.device import arithmetic
    from ingest.text_stimuli import RasterSettings
    from ingest.words import live_difference

    run = warehouse.query(
        "select settings, dtype from runs where run_id in (select run_id from shown_runs where job_name = 'words')",
        warehouse=path,
    )
    if not len(run):
        raise InputError(f"{path} holds no words run yet: clip-warehouse ingest words --warehouse {path}")
    model = _stored_model(path, "words")
    raster = RasterSettings(**json.loads(run["settings"][0])["raster"])
    where = arithmetic(options.device, run["dtype"][0])
    frame = live_difference(model, where, raster, options.word, options.baseline, options.layer).head(options.top)
    return frame.columns, frame.rows()


def _stored_model(path: Path, job_name: str) -> ClipModel:
    """The model of a job's shown run, or else of the newest run of any job, loaded again."""
    import warehouse
    from ingest.model import load_stored

    models = warehouse.query(
        "select model_name, pretrained_tag, weights_sha256 from models inner join runs using (model_id) "
        "inner join shown_runs using (run_id) order by runs.job_name = $job_name desc, runs.finished_at desc limit 1",
        warehouse=path,
        job_name=job_name,
    )
    if not len(models):
        raise InputError(f"{path} holds no finished run yet: clip-warehouse ingest {job_name} --warehouse {path}")
    return load_stored(*models.row(0))


def _require_layer(layer: str, path: Path) -> None:
    import warehouse
    from warehouse.errors import UnknownUnit

    known = warehouse.query("select distinct layer_name from layers", warehouse=path)["layer_name"].to_list()
    if known and layer not in known:
        raise UnknownUnit(f"no layer {layer!r} in {path}: write block/bottleneck/index, for example {max(known)}")


def _print_example(name: str, path: Path) -> None:
    """Run one of sql/examples/ and print it under the question that its first line asks."""
    from warehouse.reading import fetch
    from warehouse.schema import SQL

    text = (SQL / "examples" / f"{name}.sql").read_text()
    answer = fetch(text, warehouse=path, row_limit=50)
    print(f"\n{text.splitlines()[0].removeprefix('--').strip()}  (sql/examples/{name}.sql)")
    print(_table(answer.columns, answer.rows))


def _report(outcome: Outcome, path: Path) -> None:
    if outcome.computed:
        kept = f", {outcome.found} were there already" if outcome.found else ""
        _note(f"run {outcome.run_id} complete in {path}: {outcome.computed} shard(s) computed{kept}")
    else:
        _note(f"run {outcome.run_id} is complete in {path}: nothing to do")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], width_limit: int = 60) -> str:
    from warehouse.text_table import text_table

    return text_table(columns, rows, width_limit)


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def _version() -> str:
    try:
        return f"clip-warehouse {version('clip-circuits-warehouse')}"
    except PackageNotFoundError:
        return "clip-warehouse (checkout)"


if __name__ == "__main__":
    sys.exit(main())
