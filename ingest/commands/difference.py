"""The channel difference engine: the units that a text drives above the baseline."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ingest.commands.options import device_option
from ingest.stimuli.word_list import DEFAULT_BASELINE
from warehouse.commands.verb import chosen_warehouse
from warehouse.errors import InputError, UnknownUnit, UsageError, typed
from warehouse.text_table import text_table


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("word", help="text to show; run live through the model when it is not stored")
    parser.add_argument("--baseline", default=DEFAULT_BASELINE, help="text to subtract (%(default)s)")
    parser.add_argument("--layer", default="4/2/6", help="layer whose units are listed (%(default)s)")
    parser.add_argument("--top", type=int, default=10, help="how many units (%(default)s)")
    device_option(parser)


def run(options: Namespace) -> None:
    from ingest.runs.earlier import question
    from warehouse.reading import fetch

    if options.top < 1:
        raise UsageError(f"--top {options.top}: take 1 or more")
    path = chosen_warehouse(options)
    known = [name for (name,) in fetch("select distinct layer_name from layers", warehouse=path, row_limit=1_000).rows]
    if known and options.layer not in known:
        raise UnknownUnit(f"no layer {options.layer!r} in {path}: write block/bottleneck/index, like {max(known)}")
    stored = fetch(
        question("stored_difference"),
        warehouse=path,
        row_limit=options.top,
        word=options.word,
        baseline=options.baseline,
        layer=options.layer,
    )
    if not stored.rows:
        _run_now(options)
        return
    (model,) = {row[-1] for row in stored.rows}
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer} of {model}, stored")
    rows = [(rank, *row[:-1]) for rank, row in enumerate(stored.rows, start=1)]
    print(text_table(["rank", *stored.columns[:-1]], rows))


def _run_now(options: Namespace) -> None:
    """The difference of two texts that are not stored, with the shown words run's model, raster and precision."""
    import json

    import warehouse
    from ingest.commands.running import stored_model
    from ingest.network.device import arithmetic
    from ingest.stimuli.texts import RasterSettings
    from ingest.words.job import difference

    path = chosen_warehouse(options)
    settings = warehouse.query(
        "select settings, dtype from runs where run_id in (select run_id from shown_runs where job_name = 'words')",
        warehouse=path,
    )
    if not len(settings):
        raise InputError(f"{path} holds no words run yet: clip-warehouse ingest words --warehouse {typed(path)}")
    raster = RasterSettings(**json.loads(settings["settings"][0])["raster"])
    where = arithmetic(options.device, settings["dtype"][0])
    model = stored_model(path, "words")
    frame = difference(model, where, raster, options.word, options.baseline, options.layer).head(options.top)
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer} of {model.label}, run now")
    print(text_table(["rank", *frame.columns], [(rank, *row) for rank, row in enumerate(frame.rows(), start=1)]))
