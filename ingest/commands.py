"""The verbs of the command line that need a model. The composition root imports this module only to run one of them.

Each takes the parsed options of its verb and the path of the warehouse.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path

import warehouse
from ingest import words
from ingest.contributions import ContributionsJob
from ingest.device import arithmetic
from ingest.kernel import draw, kernel_of
from ingest.layers import default_layers, last_convolution, select_layers
from ingest.model import ClipModel, load_model, load_stored
from ingest.probe import probe as look
from ingest.runner import Job, Outcome, run
from ingest.text_stimuli import RasterSettings
from ingest.weights import WeightsJob
from ingest.word_list import common_words, read_word_list
from warehouse.errors import CannotWrite, InputError
from warehouse.text_table import text_table


def ingest_words(options: Namespace, path: Path) -> None:
    texts = read_word_list(Path(options.file)) if options.file else common_words(options.count)
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    layers = select_layers(model.layers, default_layers(model.layers) if options.layers is None else options.layers)
    raster = RasterSettings(model.image_size_px, options.text_size or model.text_size_px)
    job = words.WordsJob(model, texts, layers, where, baseline=options.baseline, raster=raster)
    _note(f"{len(job.stimuli):,} words, {len(layers)} layers of {_named(model)} on {where.device}")
    if rejected := job.stimuli["error_message"].count():
        _note(f"{rejected:,} words cannot be shown at {raster.text_size_px} px and are kept with their reason")
    _run(job, path)


def ingest_weights(options: Namespace, path: Path) -> None:
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    uppers = select_layers(model.layers, last_convolution(model.layers) if options.upper is None else options.upper)
    lowers = select_layers(model.layers, options.lower)
    job = WeightsJob(model, uppers, lowers, where, kernel_count=options.kernels)
    pairs = sum(map(job.size_of, range(job.shard_count)))
    _note(f"{pairs:,} pairs of units of {_named(model)} on {where.device}")
    weights = _run(job, path)
    _run(ContributionsJob(model, where, path, weights.run_id), path)


def kernel(options: Namespace, path: Path) -> None:
    model = _stored_model(path, "weights")
    found = kernel_of(model, options.lower, options.upper)
    height, width = found.weights.shape
    pair = f"{options.lower} -> {options.upper} in {_named(model)}: {height} x {width} positions"
    print(f"{pair}, sum {found.weights.sum():.4g}, magnitude {found.magnitude:.4g}")
    if options.png:
        try:
            draw(found.weights).save(options.png, format="PNG")
        except OSError as error:
            raise CannotWrite(options.png, error) from error
        largest = abs(found.weights).max()
        print(f"drawn to {options.png}: green excitatory, red inhibitory, full colour at {largest:.4g}")
        return
    columns = ["y, x", *(str(found.left + x) for x in range(width))]
    print(text_table(columns, [(str(found.top + y), *map(float, row)) for y, row in enumerate(found.weights)]))


def live_difference(options: Namespace, path: Path) -> None:
    """The channel difference of two texts, run now with the shown words run's model, raster settings and precision."""
    settings = warehouse.query(
        "select settings, dtype from runs where run_id in (select run_id from shown_runs where job_name = 'words')",
        warehouse=path,
    )
    if not len(settings):
        raise InputError(f"{path} holds no words run yet: clip-warehouse ingest words --warehouse {path}")
    raster = RasterSettings(**json.loads(settings["settings"][0])["raster"])
    where = arithmetic(options.device, settings["dtype"][0])
    model = _stored_model(path, "words")
    frame = words.difference(model, where, raster, options.word, options.baseline, options.layer).head(options.top)
    print(f"{options.word!r} minus {options.baseline!r} in {options.layer} of {_named(model)}, run now")
    print(text_table(["rank", *frame.columns], [(rank, *row) for rank, row in enumerate(frame.rows(), start=1)]))


def probe(options: Namespace, path: Path) -> None:
    print(text_table(["what", "found"], look(), width_limit=200))


def _run(job: Job, path: Path) -> Outcome:
    """Run a job and say what was done."""
    outcome = run(job, path)
    if outcome.computed:
        kept = f", {outcome.found} were there already" if outcome.found else ""
        _note(f"run {outcome.run_id} complete in {path}: {outcome.computed} shard(s) computed{kept}")
    else:
        _note(f"run {outcome.run_id} is complete in {path}: nothing to do")
    return outcome


def _stored_model(path: Path, job_name: str) -> ClipModel:
    """The model of a job's shown run, or else of the newest run of any job, loaded again."""
    models = warehouse.query(
        "select model_name, pretrained_tag, weights_sha256 from models inner join runs using (model_id) "
        "inner join shown_runs using (run_id) order by runs.job_name = $job_name desc, runs.finished_at desc limit 1",
        warehouse=path,
        job_name=job_name,
    )
    if not len(models):
        raise InputError(f"{path} holds no finished run yet: clip-warehouse ingest {job_name} --warehouse {path}")
    return load_stored(*models.row(0))


def _named(model: ClipModel) -> str:
    return f"{model.model_name} ({model.pretrained_tag})"


def _note(text: str) -> None:
    print(text, file=sys.stderr)
