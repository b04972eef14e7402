"""Feature visualisation: units per minute, and the activation reached against each unit's best dataset example.

python tests/benchmarks/features.py [--units 256] [--layer 4/2/6] [--warehouse FILE] [--sheet FILE]

The best example is the largest spatial mean over the bundled emoji pictures, captured here and not read from any run.
With --warehouse the run is kept there, and what it holds already is not computed again (no rate is printed then).
With --sheet a contact sheet is drawn: each unit's picture beside its three best examples.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from PIL import Image

import warehouse
from ingest.assets import ASSETS
from ingest.features.job import FeaturesJob
from ingest.features.optimisation import Recipe
from ingest.network.capture import capture, normalised
from ingest.network.device import arithmetic
from ingest.network.model import ClipModel, load_model
from ingest.network.unit_selection import select_units
from ingest.runs.loop import run

_CELL_PX, _GAP_PX, _SHEET_COLUMNS, _EXAMPLES = 72, 4, 3, 3


def main() -> None:
    options = _arguments()
    model = load_model(options.model)
    count = next(layer.channel_count for layer in model.layers if layer.layer_name == options.layer)
    channels = range(0, count, max(1, count // options.units))[: options.units]
    units = select_units(model.layers, ",".join(f"{options.layer}/{channel}" for channel in channels))
    job = FeaturesJob(model, units, arithmetic(options.device), Recipe(size_px=model.image_size_px))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.warehouse or f"{folder}/w.duckdb")
        started = time.perf_counter()
        outcome = run(job, path)
        minutes = (time.perf_counter() - started) / 60
        rows = _stored(path, outcome.run_id)
    pixels = _pictures(model.image_size_px)
    answers = _answers(model, pixels, options.layer)[:, rows["channel_index"].to_numpy()]
    ratios = rows["activation_mean"].to_numpy() / answers.max(0)
    if not outcome.found:
        print(
            f"{len(rows)} units, {job.settings.recipe.step_count} steps each: {len(rows) / minutes:.1f} units a minute"
        )
    print(
        f"{options.layer} of {options.model}: reached / best of {len(pixels):,} pictures: "
        f"median {np.median(ratios):.2f}, smallest {ratios.min():.2f}, "
        f"above 1 for {(ratios > 1).mean():.1%} of {len(ratios)} units"
    )
    if options.sheet:
        _sheet(rows["image"].to_list(), pixels, answers).save(options.sheet, optimize=True)


def _stored(path: Path, run_id: int) -> pl.DataFrame:
    return warehouse.query(
        "select channel_index, image, activation_mean from feature_visualizations inner join units using (unit_id) "
        "where run_id = $run_id order by unit_id",
        warehouse=path,
        run_id=run_id,
    )


def _pictures(size_px: int) -> NDArray[np.uint8]:
    """[P, S, S, 3]: the emoji pictures at the model's size."""
    encoded = pl.read_parquet(ASSETS / "emoji-pictures" / "pictures.parquet", columns=["image"])["image"]
    resized = (
        Image.open(BytesIO(content)).convert("RGB").resize((size_px, size_px), Image.Resampling.BICUBIC)
        for content in encoded
    )
    return np.stack([np.asarray(picture) for picture in resized])


def _answers(model: ClipModel, pixels: NDArray[np.uint8], layer_name: str) -> NDArray[np.float32]:
    """Spatial means [P, channels]."""
    with torch.no_grad():
        parts = (
            capture(model.trunk, normalised(torch.from_numpy(part), model.image_mean, model.image_std), {layer_name})
            for part in np.array_split(pixels, -(-len(pixels) // 256))
        )
        return np.concatenate([part.mean for part in parts])


def _sheet(images: list[bytes], pixels: NDArray[np.uint8], answers: NDArray[np.float32]) -> Image.Image:
    rows = -(-len(images) // _SHEET_COLUMNS)
    step = _CELL_PX + _GAP_PX
    group = (1 + _EXAMPLES) * step + 4 * _GAP_PX
    sheet = Image.new("RGB", (_SHEET_COLUMNS * group - 4 * _GAP_PX, rows * step - _GAP_PX), "white")
    for place, image in enumerate(images):
        best = np.argsort(-answers[:, place])[:_EXAMPLES]
        cells = [Image.open(BytesIO(image)).convert("RGB"), *(Image.fromarray(pixels[index]) for index in best)]
        left, top = place % _SHEET_COLUMNS * group, place // _SHEET_COLUMNS * step
        for number, cell in enumerate(cells):
            resized = cell.resize((_CELL_PX, _CELL_PX), Image.Resampling.BICUBIC)
            sheet.paste(resized, (left + number * step + (_GAP_PX if number else 0), top))
    return sheet


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="emoji-rn50")
    parser.add_argument("--layer", default="4/2/6")
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--warehouse")
    parser.add_argument("--sheet")
    return parser.parse_args()


if __name__ == "__main__":
    main()
