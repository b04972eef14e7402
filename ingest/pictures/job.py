"""Job `pictures`: a picture set of any size, and how each unit responds to it.

Every unit gets sketches (count, moments, histogram, top examples). The activations themselves are kept for all pictures
of a small set, or for the sample of a large one with the smallest content hashes: the same pictures for every unit.
Source: definitions.md section 2 (pictures, activation distribution).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.network.capture import Activations, Reductions
from ingest.network.device import Arithmetic, Pace, ReadBack
from ingest.network.layers import Layer
from ingest.network.model import ClipModel
from ingest.pictures.card_sketches import Floor, sketches_on
from ingest.runs.job import Advance, MeasuredJob, Rows, cut
from ingest.runs.showing import activation_rows, batch_size, shown, unit_ids_of
from ingest.stimuli.decoders import Decoders, Decoding, Later
from ingest.stimuli.decoding import PIXEL_LIMIT, Decoded, DecodingSettings, Wanted
from ingest.stimuli.inventory import KEPT_PICTURES, Inventory, Picture
from ingest.stimuli.word_list import is_explicit
from warehouse.errors import PictureGone, SiteGone
from warehouse.loading import Run

ACTIVATIONS, SKETCHES = "activations", "sketches"
KEPT_ROWS_LIMIT = 20_000_000
_ROWS_PER_SHARD = 8_000_000
_PICTURES_PER_SHARD = 4_096
_PIXELS_PER_LARGE_SHARD = 2**27
_PICTURES_PER_LARGE_SHARD = 16_384


@dataclass(frozen=True)
class PicturesSettings:
    """Everything that decides the numbers of a pictures run."""

    set_sha256: str
    given_count: int
    picture_count: int
    layers: tuple[str, ...]
    keep: str
    kept_count: int
    decoding: DecodingSettings
    precision: str
    pictures_per_shard: int


class PicturesJob(MeasuredJob):
    """The pictures of an inventory, shown to one model.

    Stimuli are found shard by shard: a set may hold more than fits in memory.
    """

    name = "pictures"
    counted = "pictures"
    settings: PicturesSettings

    def __init__(
        self,
        model: ClipModel,
        inventory: Inventory,
        layers: Sequence[Layer],
        arithmetic: Arithmetic,
        *,
        keep: str | None = None,
        thumbnail_px: int = 112,
        explicit: Collection[str] = (),
        decoders: Callable[[DecodingSettings], Decoding] = Decoders,
    ) -> None:
        super().__init__(model, arithmetic)
        self.inventory = inventory
        self._unit_count = sum(layer.channel_count for layer in layers)
        keep = keep or default_keep(inventory.picture_count, self._unit_count)
        is_sample = keep == SKETCHES
        self.settings = PicturesSettings(
            set_sha256=inventory.set_sha256,
            given_count=inventory.given_count,
            picture_count=inventory.picture_count,
            layers=tuple(layer.layer_name for layer in layers),
            keep=keep,
            kept_count=min(KEPT_PICTURES, inventory.picture_count) if is_sample else inventory.picture_count,
            decoding=DecodingSettings(model.image_size_px, thumbnail_px, PIXEL_LIMIT),
            precision=arithmetic.precision,
            pictures_per_shard=(
                _sketched_shard(inventory.picture_count, model.image_size_px)
                if is_sample
                else max(16, min(_PICTURES_PER_SHARD, _ROWS_PER_SHARD // self._unit_count))
            ),
        )
        self.shards = cut(inventory.picture_count, self.settings.pictures_per_shard)
        self._floor: Floor | None = None  # later shards need not keep what earlier ones have 100 better of
        self._next: dict[int, list[Picture]] = {}  # pictures of the next shard, by its index
        self._explicit = frozenset(explicit)
        self._decoders = decoders(self.settings.decoding)
        widths = [layer.map_width for layer in layers]
        self._map_widths = np.repeat(np.array(widths, np.int32), [layer.channel_count for layer in layers])

    def measured(self, shard_index: int, run: Run, advance: Advance) -> Rows:
        """The shard's stimuli, sketches and kept activations; stimuli by their stimulus_index inside the shard."""
        pictures = self._listed(shard_index)
        unit_ids = unit_ids_of(run, self.settings.layers)
        order = np.argsort(np.array([picture.content_sha256 for picture in pictures]), kind="stable")
        ranks = order.argsort()
        sketches = sketches_on(self.trunk.device, self._unit_count, self._floor)
        kept, seen = _Kept(), Seen(pictures, self._explicit)
        pace = Pace(self.trunk.device)
        size, later = batch_size(self.model, self.arithmetic), partial(self._wanted_after, shard_index)
        for indices, pixels in batches(self._decoders, seen, size, advance, later):
            reductions = shown(self.model, self.trunk, pixels, self.settings.layers)
            sketches.add(reductions, ranks[indices])
            kept.add(reductions, indices, [self._is_kept(pictures[index]) for index in indices])
            pace.step()
        self._floor = sketches.floor
        sketched = sketches.read_back()

        def rows() -> Mapping[str, pl.DataFrame]:
            of_units = sketched.wait().tables(unit_ids, self._map_widths, order)
            tables = {**seen.tables(), **of_units, **kept.tables(unit_ids)}
            return {name: frame for name, frame in tables.items() if len(frame)}

        return rows

    def close(self) -> None:
        self._decoders.close()

    def _listed(self, shard_index: int) -> list[Picture]:
        """The pictures of a shard, which may have been listed for `_wanted_after` already."""
        return self._next.pop(shard_index, None) or self.inventory.pictures(self.shards[shard_index])

    def _wanted_after(self, shard_index: int) -> list[Wanted]:
        """Pictures of the shard that is likely the next, where a GPU would wait for its first ones."""
        following = shard_index + 1
        if not self.arithmetic.is_gpu or following >= self.shard_count:
            return []
        self._next = {following: self._listed(following)}
        return wanted_of(self._next[following])

    def _is_kept(self, picture: Picture) -> bool:
        return self.settings.keep == ACTIVATIONS or self.inventory.is_kept(picture)


class Seen:
    """What is known of the pictures of a shard, in their order."""

    def __init__(self, pictures: Sequence[Picture], explicit: frozenset[str]) -> None:
        self.pictures, self._explicit = pictures, explicit
        self._sizes: list[tuple[int | None, int | None]] = []
        self._errors: list[str | None] = []
        self._thumbnails: dict[int, bytes] = {}

    def add(self, decoded: Decoded) -> None:
        """The next picture. Raises SiteGone or PictureGone for one that was available when the set was read: another
        run with these settings would not have the error in its row.
        """
        picture = self.pictures[len(self._errors)]
        if decoded.is_gone and not picture.error_message:
            gone = SiteGone if decoded.is_unanswered else PictureGone
            raise gone(picture.uri, decoded.error_message or "")
        if decoded.thumbnail is not None:
            self._thumbnails[len(self._errors)] = decoded.thumbnail
        self._sizes.append((decoded.width_px, decoded.height_px))
        self._errors.append(picture.error_message or decoded.error_message)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Rows of stimuli, run_stimuli, stimulus_keywords and thumbnails."""
        places = pl.Series("stimulus_index", range(len(self.pictures)), pl.Int64)
        stimuli = {
            "stimulus_index": places,
            "stimulus_kind": ["picture"] * len(places),
            "stimulus_text": [picture.caption for picture in self.pictures],
            "source_uri": [picture.uri for picture in self.pictures],
            "content_sha256": [picture.content_sha256 for picture in self.pictures],
            "width_px": [width for width, _ in self._sizes],
            "height_px": [height for _, height in self._sizes],
            "is_explicit": [self._is_explicit(picture) for picture in self.pictures],
            "error_message": self._errors,
        }
        keywords = [(index, word) for index, picture in enumerate(self.pictures) for word in picture.keywords]
        return {
            "stimuli": pl.DataFrame(
                stimuli,
                schema_overrides={
                    "stimulus_text": pl.String,
                    "width_px": pl.Int32,
                    "height_px": pl.Int32,
                    "error_message": pl.String,
                },
            ),
            "run_stimuli": pl.DataFrame({"stimulus_index": places}),
            "stimulus_keywords": pl.DataFrame(
                keywords, {"stimulus_index": pl.Int64, "keyword": pl.String}, orient="row"
            ),
            "thumbnails": pl.DataFrame(
                {"stimulus_index": list(self._thumbnails), "thumbnail": list(self._thumbnails.values())},
                {"stimulus_index": pl.Int64, "thumbnail": pl.Binary},
            ),
        }

    def _is_explicit(self, picture: Picture) -> bool:
        names = {picture.uri, picture.content_sha256, *file_names(picture.uri)}
        return not names.isdisjoint(self._explicit) or is_explicit(picture.caption or "")


class _Kept:
    """Activations that are stored as they are."""

    def __init__(self) -> None:
        self._parts: list[ReadBack[Activations]] = []
        self._indices: list[int] = []

    def add(self, reductions: Reductions, indices: Sequence[int], is_kept: Sequence[bool]) -> None:
        chosen = [place for place, keep in enumerate(is_kept) if keep]
        if chosen:
            self._parts.append(reductions[chosen].read_back())
            self._indices += [indices[place] for place in chosen]

    def tables(self, unit_ids: NDArray[np.int32]) -> dict[str, pl.DataFrame]:
        if not self._parts:
            return {}
        parts = [part.wait() for part in self._parts]
        rows = activation_rows(parts, np.array(self._indices, np.int32), unit_ids)
        return {"activations": rows.rename({"stimulus_id": "stimulus_index"})}


def batches(
    decoders: Decoding, seen: Seen, size: int, advance: Advance, afterwards: Later = tuple
) -> Iterator[tuple[list[int], list[NDArray[np.uint8]]]]:
    """Places in the shard and pixels [S, S, 3] of the pictures that can be shown, a batch at a time.

    afterwards: see Decoding.
    """
    indices: list[int] = []
    waiting: list[NDArray[np.uint8]] = []
    wanted = wanted_of(seen.pictures)
    for index, decoded in enumerate(decoders.decoded(wanted, afterwards)):
        seen.add(decoded)
        if decoded.pixels is not None:
            indices.append(index)
            waiting.append(decoded.pixels)
        if waiting and (len(waiting) == size or index + 1 == len(wanted)):
            yield indices, waiting
            indices, waiting = [], []
        advance(1)


def wanted_of(pictures: Sequence[Picture]) -> list[Wanted]:
    return [(picture.uri, picture.content_sha256) for picture in pictures]


def default_keep(picture_count: int, unit_count: int) -> str:
    """Every activation while that is a table of KEPT_ROWS_LIMIT rows at most, else sketches."""
    return ACTIVATIONS if picture_count * unit_count <= KEPT_ROWS_LIMIT else SKETCHES


def file_names(uri: str) -> tuple[str, ...]:
    """Names by which a list may mean a picture: that of its file, and that of its member of an archive."""
    member = uri.rpartition("!")[2]
    return (member, member.rpartition("/")[2])


def _sketched_shard(picture_count: int, image_size_px: int) -> int:
    """Pictures a shard of sketches: loading one costs the same whatever its size, a stop loses the one being made."""
    most = max(_PICTURES_PER_LARGE_SHARD, _PIXELS_PER_LARGE_SHARD // image_size_px**2)
    return min(most, max(_PICTURES_PER_SHARD, ceil(picture_count / 3)))
