"""Speed and memory of the job `pictures` on generated pictures: python tests/benchmarks/pictures.py [COUNT].

Prints the resident memory of this process as the set goes by, and the job's rate over that of the bare forward pass
with the same decoding. That sketches equal exact statistics is tests/test_pictures.py's.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image

from ingest.capture import normalised
from ingest.device import arithmetic
from ingest.inventory import Inventory, take_inventory
from ingest.layers import select_layers
from ingest.model import ClipModel, load_model
from ingest.picture_sources import items
from ingest.pictures import PicturesJob, Seen, batches
from ingest.runner import run
from ingest.trunk import forward
from ingest.words import batch_size

_COMPARED = 2_000


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


def bare_rate(model: ClipModel, job: PicturesJob, inventory: Inventory) -> float:
    """Pictures a second of decoding and forward pass alone."""
    where = job.arithmetic
    trunk = model.trunk_in(where)
    started, count = time.perf_counter(), 0
    seen = Seen(inventory.pictures(0, min(_COMPARED, inventory.picture_count)), frozenset())
    with where.active():
        for indices, pixels in batches(job._decoders, seen, batch_size(model, where), lambda _: None):
            images = normalised(torch.from_numpy(pixels).to(trunk.device), model.image_mean, model.image_std)
            for _ in forward(trunk, images):
                pass
            count += len(indices)
    return count / (time.perf_counter() - started)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    model, where = load_model("emoji-rn50"), arithmetic("auto")
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "set").mkdir()
        source = write_pictures(folder / "pictures.parquet", count)
        started = time.perf_counter()
        inventory = take_inventory(items(str(source)), folder / "set")
        print(f"inventory of {inventory.picture_count:,}: {time.perf_counter() - started:.1f} s")
        job = PicturesJob(model, inventory, select_layers(model.layers, "all"), where, keep="sketches", thumbnail_px=0)
        with closing(job):
            bare_rate(model, job, inventory)  # the first pass warms the workers
            before = bare_rate(model, job, inventory)
            compute, done = job.compute, 0

            def watched(shard_index, run_, advance):  # type: ignore[no-untyped-def]
                def told(number: int) -> None:
                    nonlocal done
                    done += number
                    if done % 1_000 == 0 and (done <= 2_000 or done % 10_000 == 0):
                        print(f"{done:,} pictures: {process.memory_info().rss / 1e6:,.0f} MB")
                    advance(number)

                return compute(shard_index, run_, told)

            job.compute = watched  # type: ignore[method-assign]
            started = time.perf_counter()
            run(job, folder / "w.duckdb")
            rate = count / (time.perf_counter() - started)
            after = bare_rate(model, job, inventory)
    bare = (before + after) / 2
    print(f"job with loading {rate:,.0f} pictures/s, bare forward {bare:,.0f}: {rate / bare:.2f}")


if __name__ == "__main__":
    main()
