"""Job `microscope`: OpenAI Microscope's feature visualisations of a model's units, for the user alone.

Source: definitions.md section 7. The licence of the pictures is unknown: they are downloaded into the user's warehouse
and not shipped. The site may close any day: nothing else needs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ingest.features.job import SCHEMA
from ingest.features.microscope_site import MicroscopeSite, SiteAddresses, picture_in
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel
from ingest.network.openai_weights import is_openais
from ingest.network.read_back import reached
from ingest.network.unit_selection import LayerUnits, cut_units, units_sha256
from ingest.runs.job import Advance, ModelJob
from ingest.stimuli.downloads import Downloads
from warehouse.errors import DownloadFailed, SiteGone, UsageError
from warehouse.loading import Run

UNITS_PER_SHARD = 32  # as many as the site keeps in one folder
_SLUGS = {
    "RN50": "contrastive_rn50",
    "RN101": "contrastive_v2",
    "RN50x4": "contrastive_4x",
    "RN50x16": "contrastive_16x",
}


@dataclass(frozen=True)
class MicroscopeSettings:
    """Everything that decides which pictures a microscope run holds."""

    slug: str
    objective: str
    units_sha256: str
    unit_count: int
    layers: tuple[str, ...]
    precision: str
    units_per_shard: int


@dataclass(frozen=True)
class Found:
    """A unit's picture with its address, or why it has none; a silence of the site says nothing of the unit."""

    url: str | None = None
    image: bytes | None = None
    error_message: str | None = None
    is_silence: bool = False


class MicroscopeJob(ModelJob):
    """Downloaded feature visualisations of one model's units."""

    name = "microscope"
    counted = "units"
    settings: MicroscopeSettings

    def __init__(
        self,
        model: ClipModel,
        units: Sequence[LayerUnits],
        arithmetic: Arithmetic,
        downloads: Downloads,
        *,
        objective: str = "channel",
        addresses: SiteAddresses | None = None,
    ) -> None:
        """Raises UsageError for a model that Microscope does not show."""
        slug = slug_of(model.model_name, model.pretrained_tag)
        super().__init__(model, arithmetic)
        self.settings = MicroscopeSettings(
            slug=slug,
            objective=objective,
            units_sha256=units_sha256(units),
            unit_count=sum(len(some.channels) for some in units),
            layers=tuple(some.layer.layer_name for some in units),
            precision=arithmetic.precision,
            units_per_shard=UNITS_PER_SHARD,
        )
        self.shards = cut_units(units, UNITS_PER_SHARD)
        self._site = MicroscopeSite(downloads, slug, objective, addresses or SiteAddresses())

    def size_of(self, shard_index: int) -> int:
        return len(self.shards[shard_index].channels)

    def compute(self, shard_index: int, run: Run, advance: Advance) -> dict[str, pl.DataFrame]:
        """The shard's rows of `feature_visualizations`. Raises SiteGone when the site does not answer any more."""
        units = self.shards[shard_index]
        answers = []
        self._site.last_silence = None
        for channel in units.channels:
            answers.append(self._found(units, channel))
            advance(1)
        for place, answer in enumerate(answers):
            if answer.is_silence:
                answers[place] = self._found(units, units.channels[place])
        if not any(answer.image for answer in answers) and self._site.last_silence:
            raise self._site.last_silence
        return {"feature_visualizations": self._rows(units, answers, run)}

    def _found(self, units: LayerUnits, channel: int) -> Found:
        try:
            return Found(*self._site.picture(units.layer.microscope_layer, channel))
        except SiteGone as error:
            if self._site.is_gone:
                raise
            return Found(error_message=error.reason, is_silence=True)
        except DownloadFailed as error:
            return Found(error_message=error.reason)

    def _rows(self, units: LayerUnits, answers: Sequence[Found], run: Run) -> pl.DataFrame:
        layer_name = units.layer.layer_name
        shown = [(place, picture_in(answer.image)) for place, answer in enumerate(answers) if answer.image]
        measured: dict[int, tuple[float, float]] = {}
        if shown:
            places, pictures = zip(*shown, strict=True)
            channels = [units.channels[place] for place in places]
            means, maxima = reached(self.model, self.trunk, pictures, layer_name, channels)
            measured = dict(zip(places, zip(means.tolist(), maxima.tolist(), strict=True), strict=True))
        unit_ids = run.unit_ids[layer_name]
        rows = [
            {
                "unit_id": unit_ids[channel],
                "source": "microscope",
                "objective": self.settings.objective,
                "image": answer.image,
                "activation_mean": measured.get(place, (None, None))[0],
                "activation_max": measured.get(place, (None, None))[1],
                "source_uri": answer.url,
                "content_sha256": hashlib.sha256(answer.image).hexdigest() if answer.image else None,
                "error_message": answer.error_message,
            }
            for place, (channel, answer) in enumerate(zip(units.channels, answers, strict=True))
        ]
        return pl.DataFrame(rows, schema=SCHEMA)


def is_on_microscope(model_name: str, pretrained_tag: str) -> bool:
    """Whether it shows these weights: OpenAI's, from wherever they were loaded."""
    return is_openais(model_name, pretrained_tag) and model_name.removesuffix("-quickgelu") in _SLUGS


def slug_of(model_name: str, pretrained_tag: str) -> str:
    """Microscope's name of a model: definitions.md section 1. Raises UsageError for one that it does not show."""
    if not is_on_microscope(model_name, pretrained_tag):
        known = ", ".join(f"{name}-quickgelu" for name in _SLUGS)
        raise UsageError(
            f"OpenAI Microscope shows no {model_name} ({pretrained_tag}), only OpenAI's own weights: take --pretrained "
            f"openai, or OpenAI's file by its name (RN50.pt), and --model one of {known}; for other models make "
            "pictures with clip-warehouse ingest features"
        )
    return _SLUGS[model_name.removesuffix("-quickgelu")]
