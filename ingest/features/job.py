"""Job `features`: a picture for each unit, optimised to drive it as far as possible.

Source: definitions.md section 5 (image sources); the maths is ingest/features/optimisation.py. A shard is some units of
one layer; a picture depends on its unit and the settings alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import polars as pl
from PIL import Image

from ingest.features.optimisation import OBJECTIVES, Recipe, optimised
from ingest.network.device import Arithmetic, single_threads
from ingest.network.model import ClipModel
from ingest.network.read_back import reached
from ingest.network.unit_selection import LayerUnits, cut_units, units_sha256
from ingest.runs.job import Advance, ModelJob
from warehouse.errors import UsageError
from warehouse.loading import Run

UNITS_PER_SHARD = 64
SCHEMA = {
    "unit_id": pl.Int32,
    "source": pl.String,
    "objective": pl.String,
    "image": pl.Binary,
    "activation_mean": pl.Float32,
    "activation_max": pl.Float32,
    "source_uri": pl.String,
    "content_sha256": pl.String,
    "error_message": pl.String,
}
_SMALLEST_PX, _LARGEST_PX = 8, 1024
_MOST_STEPS = 1_000_000
_MOST_STARTS = 32
# Pictures of one pass, always as many. Autograd keeps every map: about 100 MB a picture of 224 px in RN50.
_BATCH = {"cpu": 8, "cuda": 64}


@dataclass(frozen=True)
class FeaturesSettings:
    """Everything that decides the pictures of a features run."""

    units_sha256: str
    unit_count: int
    layers: tuple[str, ...]
    recipe: Recipe
    precision: str
    units_per_shard: int


class FeaturesJob(ModelJob):
    """Feature visualisations of one model's units."""

    name = "features"
    counted = "steps"
    settings: FeaturesSettings

    def __init__(self, model: ClipModel, units: Sequence[LayerUnits], arithmetic: Arithmetic, recipe: Recipe) -> None:
        """Raises UsageError for a recipe that makes no picture."""
        _require_sound(recipe)
        super().__init__(model, arithmetic)
        self.settings = FeaturesSettings(
            units_sha256=units_sha256(units),
            unit_count=sum(len(some.channels) for some in units),
            layers=tuple(some.layer.layer_name for some in units),
            recipe=recipe,
            precision=arithmetic.precision,
            units_per_shard=UNITS_PER_SHARD,
        )
        self.shards = cut_units(units, UNITS_PER_SHARD)
        self._batch = _BATCH["cuda" if arithmetic.is_gpu else "cpu"]

    def size_of(self, shard_index: int) -> int:
        return len(self.shards[shard_index].channels) * self.settings.recipe.pass_count

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `feature_visualizations`; its batches run side by side, one torch thread each."""
        lock = Lock()

        def advance_alone(count: int) -> None:
            with lock:
                advance(count)

        batches = cut_units([self.shards[shard_index]], self._batch)
        with single_threads(self.trunk.device) as (pool, _):
            rows = list(pool.map(lambda batch: self._rows(batch, run, advance_alone), batches))
        return {"feature_visualizations": pl.concat(rows)}

    def _rows(self, units: LayerUnits, run: Run, advance: Advance) -> pl.DataFrame:
        model, recipe, layer_name = self.model, self.settings.recipe, units.layer.layer_name
        pixels = optimised(
            self.trunk,
            layer_name,
            units.channels,
            recipe,
            model.image_mean,
            model.image_std,
            advance,
            width=self._batch,
        ).numpy()
        pictures = [Image.fromarray(picture) for picture in pixels]
        with Arithmetic(self.arithmetic.device).active():  # what is kept is not rounded to tf32
            means, maxima = reached(model, self.trunk, pictures, layer_name, units.channels)
        images = [lossless_webp(picture) for picture in pictures]
        unit_ids = run.unit_ids[layer_name]
        return pl.DataFrame(
            {
                "unit_id": [unit_ids[channel] for channel in units.channels],
                "source": "optimised",
                "objective": recipe.objective,
                "image": images,
                "activation_mean": means,
                "activation_max": maxima,
                "source_uri": None,
                "content_sha256": [hashlib.sha256(image).hexdigest() for image in images],
                "error_message": None,
            },
            schema_overrides=SCHEMA,
        )


def lossless_webp(picture: Image.Image) -> bytes:
    """A picture as lossless WebP: a third smaller than PNG, with every value unchanged."""
    content = BytesIO()
    picture.save(content, format="WEBP", lossless=True)
    return content.getvalue()


def _require_sound(recipe: Recipe) -> None:
    if recipe.objective not in OBJECTIVES:
        raise UsageError(f"no objective {recipe.objective!r}: take one of {', '.join(OBJECTIVES)}")
    if not 0 < recipe.step_count <= _MOST_STEPS:
        raise UsageError(f"--steps {recipe.step_count}: take 1 to {_MOST_STEPS:,}")
    if not 0 < recipe.start_count <= _MOST_STARTS:
        raise UsageError(f"--starts {recipe.start_count}: take 1 to {_MOST_STARTS}")
    if not _SMALLEST_PX <= recipe.size_px <= _LARGEST_PX:
        raise UsageError(f"--size {recipe.size_px}: take {_SMALLEST_PX} to {_LARGEST_PX} px")
    if not 0 < recipe.lightness < 1:
        raise UsageError(f"--lightness {recipe.lightness}: take a number between 0 and 1")
