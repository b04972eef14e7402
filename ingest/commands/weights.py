"""The verbs of expanded weights: the job with its statistics, and the kernel of one pair."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

from ingest.commands.running import arithmetic_of, named, note, run_job, shards_of, stored_model
from ingest.network.layers import last_convolution, select_layers
from ingest.network.model import load_model
from ingest.weights.contributions import ContributionsJob
from ingest.weights.job import WeightsJob
from ingest.weights.kernel import draw, kernel_of
from warehouse.errors import CannotWrite
from warehouse.text_table import text_table


def ingest(options: Namespace, path: Path) -> None:
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    uppers = select_layers(model.layers, last_convolution(model.layers) if options.upper is None else options.upper)
    lowers = select_layers(model.layers, options.lower)
    recipe = partial(WeightsJob, model, uppers, lowers, where, kernel_count=options.kernels)
    job = recipe()
    pairs = sum(map(job.size_of, range(job.shard_count)))
    note(f"{pairs:,} pairs of units of {named(model)} on {where.device}")
    weights = run_job(job, path, shards_of(options, recipe))
    run_job(ContributionsJob(model, where, path, weights.run_id), path)


def kernel(options: Namespace, path: Path) -> None:
    model = stored_model(path, "weights")
    found = kernel_of(model, options.lower, options.upper)
    height, width = found.weights.shape
    pair = f"{options.lower} -> {options.upper} in {named(model)}: {height} x {width} positions"
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
