"""What the program does on a GPU, compared with the card's own rates and the bare model, in less than four minutes.

    python tests/benchmarks/gpu.py [--parts card,sweep,pass,loader,start,words,pictures,weights,features,shares]

`--parts atlas` is the whole of `ingest weights --upper all --lower all`, which takes minutes by itself.

RN50 with random weights at 224 px. Every row is a rate or a time, what it is compared with, and the share of that.
Jobs are timed from their first shard to the last row loaded; what comes before is the row `start`. Run it with nothing
else on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import torch
from expanded_weights import operations
from PIL import Image

from ingest.expansion.expanded_weights import Sweep
from ingest.features.job import FeaturesJob
from ingest.features.optimisation import Recipe
from ingest.network.capture import capture, normalised, reductions
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.network.trunk import forward
from ingest.network.unit_selection import named_units, select_units
from ingest.pictures.job import PicturesJob, wanted_of
from ingest.runs.job import Job
from ingest.runs.loop import model_record, run, run_record
from ingest.shares.images import EXAMPLES, UnitImages
from ingest.shares.job import shares_job as shares_of
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import DecodingSettings
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import items
from ingest.weights.contributions import ContributionsJob
from ingest.weights.job import WeightsJob
from ingest.words.job import WordsJob
from warehouse.loading import begin_run, load_staged
from warehouse.staging import Staging

UPPER = "4/2/5"
LAST_LAYERS = "4/2/6,4/2/5,4/1/6,4/1/5"
BATCH = 256
_DIFFERENT_PICTURES = 512
rates: dict[str, float] = {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="with commas (%(default)s); atlas is one more")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("there is no GPU here: this measures one")
    print(f"{torch.cuda.get_device_name()}, {os.cpu_count()} cores, torch {torch.__version__}")
    model = load_model("RN50-quickgelu", "random")
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts.split(","):
            started = time.perf_counter()
            (PARTS | ALSO)[part](model, Path(folder))
            print(f"  ({part}: {time.perf_counter() - started:.0f} s)", flush=True)


def say(what: str, value: float, unit: str, of: str = "", limit: float = 0.0) -> None:
    share = f"{value / limit:7.0%} of {of} ({limit:,.4g})" if limit else ""
    print(f"{what:<58} {value:>10,.4g} {unit:<12}{share}", flush=True)


def seconds(do: Callable[[], object], times: int = 5) -> float:
    """The median of some times, after one that does not count."""
    do()
    taken = []
    for _ in range(times):
        torch.cuda.synchronize()
        started = time.perf_counter()
        do()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[times // 2]


def card(model: ClipModel, folder: Path) -> None:
    """Matrix products of 8,192, and a copy."""
    one, other = (torch.randn(8192, 8192, device="cuda") for _ in range(2))
    for precision in ("float32", "tf32", "bf16"):
        where = arithmetic("cuda", precision)
        left, right = one.to(where.dtype), other.to(where.dtype)
        with where.active():
            rates[precision] = 2 * 8192**3 / seconds(lambda: left @ right) / 1e12  # noqa: B023 - called at once
        say(f"matrix product, {precision}", rates[precision], "TFLOP/s")
    whole = torch.empty(2**28, device="cuda")
    say("copy on the card", 2 * 2**30 / seconds(whole.clone) / 1e12, "TB/s")


def sweep(model: ClipModel, folder: Path) -> None:
    """Expanded weights: all 66 lower layers into one upper layer, then every pair of layers there is."""
    counted = operations(model.trunk, None) / 1e12
    for precision in ("float32", "tf32"):
        trunk = model.trunk_in(arithmetic("cuda", precision))
        one = Sweep(trunk, UPPER, tf32=precision == "tf32")
        taken = seconds(lambda: all_of(one), 3)  # noqa: B023 - called at once
        say(f"sweep, all lower layers -> {UPPER}, {precision}", taken, "s")
        say("    without reductions", counted / taken, "TFLOP/s", f"the {precision} rate", rates.get(precision, 0))
    trunk = model.trunk_in(arithmetic("cuda"))
    started = time.perf_counter()
    count = sum(all_of(Sweep(trunk, layer.layer_name)) for layer in model.layers)
    say(f"all {count:,} pairs, computing alone", time.perf_counter() - started, "s")


def all_of(one: Sweep) -> int:
    """Measure every block, each read back while the next is computed; how many pairs that were."""
    begun = [one.begin(channels) for channels in one.blocks(1024)]
    return sum(block.weight_sum.size for measured in begun for block in measured())


def passes(model: ClipModel, folder: Path) -> None:
    """The forward pass bare, and with the reductions of all layers."""
    names = [layer.layer_name for layer in model.layers]
    pixels = torch.randint(0, 256, (BATCH, 224, 224, 3), dtype=torch.uint8).cuda()
    for precision in ("float32", "tf32", "bf16"):
        where = arithmetic("cuda", precision)
        visual, trunk = model.visual.to("cuda", where.dtype), model.trunk_in(where)
        images = normalised(pixels, model.image_mean, model.image_std).to(where.dtype)
        channels_last = images.to(memory_format=torch.channels_last)
        with where.active():
            bare = BATCH / min(seconds(lambda: visual(images)), seconds(lambda: visual(channels_last)))  # noqa: B023
            rates[f"bare {precision}"] = bare
            say(f"open_clip's pass, {precision}", bare, "pictures/s")
            for what, do in {
                "trunk": lambda: list(map(len, forward(trunk, images))),  # noqa: B023
                "and the reductions of all layers": lambda: reductions(trunk, images, names),  # noqa: B023
                "and these on the host": lambda: capture(trunk, images, names),  # noqa: B023
            }.items():
                say(f"    {what}", BATCH / seconds(do), "pictures/s", "the bare pass", bare)
        model.visual.to("cpu", torch.float32)


def loader(model: ClipModel, folder: Path) -> None:
    """Staged shards into a file, as many rows as a words job stages at once."""
    job = WordsJob(model, words(4_000), select_layers(model.layers, LAST_LAYERS), arithmetic("cuda"))
    path = folder / "loader.duckdb"
    begun = begin_run(path, run_record(job), model_record(model), job.stimuli)
    staging = Staging(path, begun.warehouse_id, run_record(job).settings_sha256)
    draw, row_count, staged_s = np.random.default_rng(0), 0, 0.0
    unit_ids = np.concatenate([np.array(begun.unit_ids[name], np.int32) for name in job.settings.layers])
    for shard_index in range(job.shard_count):
        size = job.size_of(shard_index)
        rows = pl.DataFrame(
            {
                "stimulus_id": np.tile(np.arange(1, size + 1, dtype=np.int32), len(unit_ids)),
                "unit_id": np.repeat(unit_ids, size),
                "activation_mean": draw.standard_normal(size * len(unit_ids), np.float32),
                "activation_max": draw.standard_normal(size * len(unit_ids), np.float32),
            }
        )
        started = time.perf_counter()
        staging.stage(shard_index, {"activations": rows})
        staged_s, row_count = staged_s + time.perf_counter() - started, row_count + len(rows)
    say("staging", row_count / staged_s / 1e6, "M rows/s")
    with duckdb.connect(str(folder / "alone.duckdb")) as alone:
        files = f"read_parquet('{staging.folder}/*/activations.parquet')"
        alone.execute(f"create table rows as select 1 as run_id, * from {files} limit 0")
        started = time.perf_counter()
        alone.execute(f"insert into rows select 1, * from {files}")
    alone_rate = row_count / (time.perf_counter() - started)
    started = time.perf_counter()
    load_staged(path, staging, begun.run_id)
    rates["loader"] = row_count / (time.perf_counter() - started)
    say("loading, DuckDB alone in one statement", alone_rate / 1e6, "M rows/s")
    say("loading", rates["loader"] / 1e6, "M rows/s", "DuckDB alone", alone_rate / 1e6)


def start(model: ClipModel, folder: Path) -> None:
    """A whole command with next to nothing to compute, and what every command imports."""
    for imported in ("torch", "torch, torchvision", "open_clip", "ingest.words.job"):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {imported}"], check=True)
        say(f"    importing {imported}", time.perf_counter() - started, "s")
    file = folder / "few.txt"
    file.write_text("\n".join(words(16)))
    command = ["ingest", "words", "--file", str(file), "--layers", "4/2/6", "--model", "RN50-quickgelu"]
    command += ["--pretrained", "random", "--warehouse", str(folder / "start.duckdb")]
    say("a command from beginning to end, 16 words", command_taken(command), "s")


def command_taken(command: Sequence[str]) -> float:
    program = "import sys; from clip_warehouse import main; sys.exit(main())"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, *command], check=True, capture_output=True)
    return time.perf_counter() - started


def words_jobs(model: ClipModel, folder: Path) -> None:
    for precision, layers, count in (
        ("float32", LAST_LAYERS, 16_000),
        ("bf16", LAST_LAYERS, 32_000),
        ("float32", "all", 4_000),
    ):
        chosen = select_layers(model.layers, layers)
        job = WordsJob(model, words(count), chosen, arithmetic("cuda", precision))
        timed(f"words, {len(chosen)} layers, {precision}", model, job, folder, count, precision)


def pictures_job(model: ClipModel, folder: Path) -> None:
    """Of a set large enough that reading it, and the rows of its last shard, are not what is measured."""
    made, count = pictures(folder, 32_768)
    inventory = take_inventory(items(str(made)), folder)
    rates["decoding"] = decoding_rate(inventory)
    say("decoding alone, with thumbnails", rates["decoding"], "pictures/s")
    for precision, layers in (("float32", "all"), ("float32", LAST_LAYERS), ("tf32", "all")):
        chosen = select_layers(model.layers, layers)
        job = PicturesJob(model, inventory, chosen, arithmetic("cuda", precision), keep="sketches")
        timed(f"pictures, sketches, {len(chosen)} layers, {precision}", model, job, folder, count, precision)


def decoding_rate(inventory: Inventory) -> float:
    """Pictures a second of as many processes as the machine has cores, once they have begun."""
    places = wanted_of(inventory.pictures(range(8_192)))
    with Decoders(DecodingSettings(224, 112)) as decoders:
        list(decoders.decoded(places[:1_024]))
        started = time.perf_counter()
        for _ in decoders.decoded(places):
            pass
        return len(places) / (time.perf_counter() - started)


def pictures(folder: Path, count: int) -> tuple[Path, int]:
    """A folder of so many JPEG files of 288 x 256 px, no two of the same bytes."""
    made = folder / "pictures"
    made.mkdir(parents=True)

    def make(number: int) -> None:
        coarse = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
        file = BytesIO()
        Image.fromarray(coarse).resize((288, 256), Image.Resampling.BILINEAR).save(file, "JPEG", quality=85)
        for copy in range(number, count, _DIFFERENT_PICTURES):  # what follows a JPEG's end is not read
            (made / f"{copy:06}.jpg").write_bytes(file.getvalue() + copy.to_bytes(8))

    with ThreadPoolExecutor() as pool:
        list(pool.map(make, range(_DIFFERENT_PICTURES)))
    return made, count


def shares_job(model: ClipModel, folder: Path) -> None:
    """Of the two shallowest and the two deepest bottlenecks, on 4,096 pictures that each is an example of one unit."""
    made, count = pictures(folder / "shares", 4_096)
    places = [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in sorted(made.iterdir())]
    names = ["1/0", "1/1", "4/1", "4/2"]
    outputs = [layer for layer in model.layers if layer.layer_name in {"1/0/8", "1/1/6", "4/1/6", "4/2/6"}]
    pairs = pl.concat(
        pl.DataFrame(
            {
                "layer_name": [layer.layer_name] * count,
                "channel_index": np.arange(count) % layer.channel_count,
                "image_id": np.arange(count),
            }
        )
        for layer in outputs
    )
    images = UnitImages(EXAMPLES, "", "", pairs, lambda image_ids: [places[image_id] for image_id in image_ids])
    for precision in ("float32", "tf32"):
        job = shares_of(model, names, images, arithmetic("cuda", precision), top=1)
        timed(f"shares, 2 blocks, {precision}", model, job, folder, 2 * count, precision)


def weights_job(model: ClipModel, folder: Path) -> None:
    path = folder / "weights.duckdb"
    job = WeightsJob(model, select_layers(model.layers, UPPER), model.layers, arithmetic("cuda"))
    pairs = sum(map(job.size_of, range(job.shard_count)))
    say(f"weights, all -> {UPPER}: {pairs:,} pairs", taken_by(job, path), "s")
    taken = taken_by(ContributionsJob(model, arithmetic("cuda"), path, 1), path)
    say("    and their statistics", taken, "s")


def atlas(model: ClipModel, folder: Path) -> None:
    """The whole command: every pair of layers, with statistics."""
    command = ["ingest", "weights", "--upper", "all", "--lower", "all", "--model", "RN50-quickgelu"]
    command += ["--pretrained", "random", "--warehouse", str(folder / "atlas.duckdb")]
    say("atlas, all pairs with statistics, from beginning to end", command_taken(command), "s")


def features_job(model: ClipModel, folder: Path) -> None:
    units = select_units(model.layers, named_units(",".join(f"4/2/6/{3 * unit}" for unit in range(64))))
    for precision in ("float32", "tf32"):
        recipe = Recipe(size_px=224, step_count=64)
        job = FeaturesJob(model, units, arithmetic("cuda", precision), recipe)
        taken = taken_by(job, folder / f"features-{precision}.duckdb")
        say(f"features, 64 units, {precision}", 64 * recipe.pass_count / taken, "steps/s")


def timed(what: str, model: ClipModel, job: Job, folder: Path, count: int, precision: str) -> None:
    rate = count / taken_by(job, folder / f"{what}.duckdb")
    limits = {"the bare pass": rates.get(f"bare {precision}", 0.0)}
    if isinstance(job, WordsJob):
        chosen = select_layers(model.layers, ",".join(job.settings.layers))
        unit_count = sum(layer.channel_count for layer in chosen)
        limits["the loader"] = rates.get("loader", 0.0) / unit_count
    if isinstance(job, PicturesJob):
        limits["decoding"] = rates.get("decoding", 0.0)
    name, limit = min(limits.items(), key=lambda entry: entry[1])
    say(what, rate, f"{job.counted}/s", name, limit)


def taken_by(job: Job, path: Path) -> float:
    """Seconds of a run, from its first shard on."""
    began: list[float] = []
    measured = job.measured

    def noted(*arguments):  # type: ignore[no-untyped-def]
        began.append(time.perf_counter())
        return measured(*arguments)

    job.measured = noted  # type: ignore[method-assign]
    with closing(job):
        run(job, path)
    return time.perf_counter() - began[0]


def words(count: int) -> list[str]:
    draw = random.Random(0)
    found = {"".join(draw.choices(string.ascii_lowercase, k=draw.randint(3, 7))) for _ in range(2 * count)}
    return sorted(found)[:count]


PARTS: dict[str, Callable[[ClipModel, Path], None]] = {
    "card": card,
    "sweep": sweep,
    "pass": passes,
    "loader": loader,
    "start": start,
    "words": words_jobs,
    "pictures": pictures_job,
    "weights": weights_job,
    "features": features_job,
    "shares": shares_job,
}
ALSO = {"atlas": atlas}  # minutes by itself

if __name__ == "__main__":
    main()
