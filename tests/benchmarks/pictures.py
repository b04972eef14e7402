"""The job `pictures` on a large generated set: python tests/benchmarks/pictures.py [COUNT] [MODEL].

Prints: resident memory as the set goes by; pictures a second of the job against the bare forward
pass with the same decoding, open_clip's own and this project's; whether a run that is killed and resumed gives the same
tables; and whether the sketches equal exact statistics over every picture, for four layers.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from torch import Tensor

from ingest.network.capture import capture, normalised
from ingest.network.device import arithmetic, gathered
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.network.trunk import forward
from ingest.pictures.job import PicturesJob, Seen, batches
from ingest.pictures.sketches import EXAMPLES_PER_UNIT, bucket_index
from ingest.runs.loop import run
from ingest.runs.showing import batch_size
from ingest.stimuli.inventory import Inventory, take_inventory
from ingest.stimuli.picture_sources import items

PROGRAM = Path(__file__).parents[2] / "clip_warehouse.py"
EXACT_LAYERS = ("1/0/1", "2/0/8", "3/1/5", "4/2/6")
_COMPARED = 4_000
_UNITS = f"(select unit_id from units inner join layers using (layer_id) where layer_name in {EXACT_LAYERS})"


def write_pictures(path: Path, count: int) -> Path:
    """A Parquet table of `count` different pictures of 72 x 72 px."""
    draw = np.random.default_rng(0)
    with pq.ParquetWriter(path, pa.schema({"image": pa.binary()})) as writer:
        for start in range(0, count, 1_000):
            rough = draw.integers(0, 256, (min(1_000, count - start), 6, 6, 3), np.uint8)
            pictures = [Image.fromarray(one).resize((72, 72), Image.Resampling.BILINEAR) for one in rough]
            writer.write_table(pa.table({"image": [_jpeg(picture) for picture in pictures]}))
    return path


def _jpeg(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def rate(
    model: ClipModel, job: PicturesJob, inventory: Inventory, count: int, shown: Callable[[list[int], Tensor], None]
) -> float:
    """Pictures a second of decoding the first `count`, and of what `shown` does with each batch of images."""
    seen = Seen(inventory.pictures(range(0, count)), frozenset())
    started = time.perf_counter()
    with job.arithmetic.active():
        for indices, pixels in batches(job._decoders, seen, batch_size(model, job.arithmetic), lambda _: None):
            there = gathered(pixels, job.trunk.device)
            shown(indices, normalised(there, model.image_mean, model.image_std))
    return count / (time.perf_counter() - started)


def compare_rates(model: ClipModel, job: PicturesJob, inventory: Inventory, job_rate: float) -> None:
    trunk, count = model.trunk_in(job.arithmetic), min(_COMPARED, inventory.picture_count)

    def own(indices: list[int], images: Tensor) -> None:
        for _ in forward(trunk, images):
            pass

    def open_clip(indices: list[int], images: Tensor) -> None:
        model.visual(images)

    for name, shown in (("open_clip", open_clip), ("own forward pass", own)):
        bare = max(rate(model, job, inventory, count, shown) for _ in range(3))
        print(f"decoding and bare {name}: {bare:,.0f} pictures/s; the job has {job_rate / bare:.2f} of it")


def watch_memory(job: PicturesJob) -> None:
    """Print this process's resident memory now and then while the job computes."""
    process, measured, done = psutil.Process(), job.measured, 0

    def watched(shard_index, run_, advance):  # type: ignore[no-untyped-def]
        def told(number: int) -> None:
            nonlocal done
            done += number
            if done % 1_000 == 0 and (done <= 2_000 or done % 10_000 == 0):
                print(f"{done:,} pictures: {process.memory_info().rss / 1e6:,.0f} MB", flush=True)
            advance(number)

        return measured(shard_index, run_, told)

    job.measured = watched  # type: ignore[method-assign]


def killed_and_resumed(source: Path, warehouse: Path, kill_after_s: float) -> int:
    """Run the command, kill it twice at once, let it end; how often it was still running when it was killed."""
    command = [sys.executable, str(PROGRAM), "ingest", "pictures", str(source), "--model", "emoji-rn50"]
    command += ["--warehouse", str(warehouse), "--keep", "sketches", "--thumbnails", "0"]
    killed = 0
    for seconds in (kill_after_s, 2 * kill_after_s, None):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if process.wait(seconds):
                raise SystemExit(f"exit {process.returncode}: {' '.join(command)}")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    return killed


def compare_runs(one: Path, other: Path) -> None:
    """Rows that only one of the warehouses has; sums in float64 may differ in their last bits."""
    sketches = "* exclude (run_id, activation_sum, activation_square_sum)"
    sums = "unit_id, activation_sum, activation_square_sum"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        examples = (
            "select e.* exclude (run_id, stimulus_id), content_sha256 from {0}.top_examples as e "
            "inner join {0}.stimuli using (stimulus_id)"
        )
        for table, query in {
            "activation_sketches": f"select {sketches} from {{0}}.activation_sketches",
            "activation_histograms": "select * exclude (run_id) from {0}.activation_histograms",
            "top_examples": examples,
        }.items():
            both = [query.format(name) for name in ("one", "other")]
            found = connection.execute(
                f"select (select count(*) from ({both[0]})), (select count(*) from ({both[0]} except {both[1]})), "
                f"(select count(*) from ({both[1]} except {both[0]}))"
            ).fetchone()
            print(f"{table}: {found[0]:,} rows, {found[1]} and {found[2]} differ")
        largest = connection.execute(
            "select max(abs(a.activation_sum - b.activation_sum) / nullif(abs(b.activation_sum), 0)), "
            "max(abs(a.activation_square_sum - b.activation_square_sum) / nullif(b.activation_square_sum, 0)) "
            f"from (select {sums} from one.activation_sketches) as a "
            f"inner join (select {sums} from other.activation_sketches) as b using (unit_id)"
        ).fetchone()
        print(f"sums differ by {largest[0]:.1e}, sums of squares by {largest[1]:.1e} at most, relatively")


def compare_with_exact(model: ClipModel, job: PicturesJob, inventory: Inventory, warehouse: Path) -> None:
    """Every picture's activations of four layers, kept and sorted with NumPy, against the stored sketches."""
    trunk, found = model.trunk_in(job.arithmetic), []
    rate(
        model,
        job,
        inventory,
        inventory.picture_count,
        lambda indices, images: found.append(capture(trunk, images, EXACT_LAYERS).mean),
    )
    means = np.concatenate(found) + np.float32(0)
    hashes = np.array([picture.content_sha256 for picture in inventory.pictures(range(0, inventory.picture_count))])
    order = np.argsort(np.argsort(hashes))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        stored = connection.sql(f"from activation_sketches semi join {_UNITS} using (unit_id) order by unit_id").pl()
        examples = connection.sql(
            "select unit_id, list(content_sha256 order by example_rank) as hashes from top_examples "
            f"semi join {_UNITS} using (unit_id) inner join stimuli using (stimulus_id) "
            "group by unit_id order by unit_id"
        ).pl()
        buckets = connection.sql(
            "select unit_id, list([bucket_index, stimulus_count] order by bucket_index) as counts "
            f"from activation_histograms semi join {_UNITS} using (unit_id) group by unit_id order by unit_id"
        ).pl()
    exact = means.astype(np.float64)
    print(f"exact statistics of {means.shape[1]} units over {len(means):,} pictures:")
    print(f"  sums: {np.abs(stored['activation_sum'] / exact.sum(0) - 1).max():.1e} apart, relatively")
    positive = np.array_equal(stored["positive_count"], (means > 0).sum(0))
    print(f"  counts equal: {(stored['stimulus_count'] == len(means)).all()}; positive: {positive}")
    print(f"  smallest: {np.array_equal(stored['activation_mean_min'], means.min(0))}", end="; ")
    print(f"largest: {np.array_equal(stored['activation_mean_max'], means.max(0))}")
    best = [np.lexsort((order, -means[:, unit]))[:EXAMPLES_PER_UNIT] for unit in range(means.shape[1])]
    same_examples = sum(
        list(hashes[mine]) == theirs for mine, theirs in zip(best, examples["hashes"].to_list(), strict=True)
    )
    print(f"  top {EXAMPLES_PER_UNIT} examples equal for {same_examples} units")
    indices = bucket_index(means)
    mine = [np.stack(np.unique(indices[:, unit], return_counts=True), 1).tolist() for unit in range(means.shape[1])]
    same_counts = sum(ours == theirs for ours, theirs in zip(mine, buckets["counts"].to_list(), strict=True))
    print(f"  histograms equal for {same_counts} units")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    name = sys.argv[2] if len(sys.argv) > 2 else "emoji-rn50"
    model, where = load_model(name, "random" if name == "RN50" else None), arithmetic("auto")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "set").mkdir()
        source = write_pictures(folder / "pictures.parquet", count)
        started = time.perf_counter()
        inventory = take_inventory(items(str(source)), folder / "set")
        print(f"inventory of {inventory.picture_count:,}: {time.perf_counter() - started:.1f} s", flush=True)
        job = PicturesJob(model, inventory, select_layers(model.layers, "all"), where, keep="sketches", thumbnail_px=0)
        with closing(job):
            rate(model, job, inventory, min(_COMPARED, count), lambda indices, images: None)  # starts the workers
            watch_memory(job)
            started = time.perf_counter()
            run(job, folder / "w.duckdb")
            seconds = time.perf_counter() - started
            print(f"job with loading: {count / seconds:,.0f} pictures/s", flush=True)
            compare_rates(model, job, inventory, count / seconds)
            compare_with_exact(model, job, inventory, folder / "w.duckdb")
        if name == "emoji-rn50":
            killed = killed_and_resumed(source, folder / "killed.duckdb", seconds / 3)
            print(f"killed {killed} times, then resumed to the end:")
            compare_runs(folder / "w.duckdb", folder / "killed.duckdb")


if __name__ == "__main__":
    main()
