"""Which images a unit's shortcut share is measured on: its feature visualisation, or its top dataset examples.

Both come from an earlier run, named in the settings of the shares run, and are decoded again as the model sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingest.network.model import ClipModel
from ingest.runs.earlier import every_row, newest_run, question
from ingest.stimuli.decoding import Wanted
from warehouse.errors import InputError

FEATURES, EXAMPLES = "features", "examples"
JOBS = {"optimised": "features", "microscope": "microscope"}


@dataclass(frozen=True)
class UnitImages:
    """The images of each unit, and how to read them.

    pairs: layer_name, channel_index, image_id, one row for each image of a unit. wanted: for each image id in order,
    its address or its bytes, as decoders take it. run_sha256: the run that they come from; command: makes such a run.
    """

    image_source: str
    command: str
    run_sha256: str
    pairs: pl.DataFrame = field(repr=False)
    wanted: Callable[[Sequence[int]], list[Wanted]] = field(repr=False)


def example_images(path: Path, model: ClipModel, layer_names: Sequence[str], top: int) -> UnitImages:
    """Each unit's `top` pictures of the model's newest complete pictures run. Raises InputError when there is none."""
    command = "clip-warehouse ingest pictures SOURCE"
    run = newest_run(path, model, ["pictures"], _missing(path, model, ["pictures"], command))
    examples = every_row(path, question("example_images"), run_id=run.run_id, top=top, layer_names=list(layer_names))
    pictures = examples.select("image_id", "source_uri", "content_sha256").unique()
    places: dict[int, Wanted] = {image_id: (uri, content_sha256) for image_id, uri, content_sha256 in pictures.rows()}

    def wanted(image_ids: Sequence[int]) -> list[Wanted]:
        return [places[image_id] for image_id in image_ids]

    return UnitImages(
        EXAMPLES, command, run.settings_sha256, examples.select("layer_name", "channel_index", "image_id"), wanted
    )


def feature_images(path: Path, model: ClipModel, layer_names: Sequence[str], source: str | None) -> UnitImages:
    """Each unit's feature visualisation: of the newest complete run that has some, or of that source's newest.

    Raises InputError when there is none.
    """
    path = path.absolute()  # `wanted` may run in a process that was started elsewhere
    jobs = [JOBS[source]] if source else list(JOBS.values())
    command = " or ".join(f"clip-warehouse ingest {job}" for job in jobs)
    run = newest_run(path, model, jobs, _missing(path, model, jobs, command))
    pairs = every_row(path, question("visualized_units"), run_id=run.run_id, layer_names=list(layer_names))

    def wanted(image_ids: Sequence[int]) -> list[Wanted]:
        images = every_row(
            path,
            "select unit_id, any_value(image order by objective) as image from feature_visualizations "
            "where run_id = $run_id and list_contains($image_ids, unit_id) group by unit_id",
            run_id=run.run_id,
            image_ids=list(image_ids),
        )
        encoded = dict(images.rows())
        return [(encoded.get(image_id, b""), "") for image_id in image_ids]

    return UnitImages(FEATURES, command, run.settings_sha256, pairs, wanted)


def _missing(path: Path, model: ClipModel, jobs: Sequence[str], command: str) -> InputError:
    return InputError(
        f"{path} holds no finished run of {' or '.join(jobs)} of {model.model_name} ({model.pretrained_tag}) yet: "
        f"{command}, with --model {model.model_name} --warehouse {path}"
    )
