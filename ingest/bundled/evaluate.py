"""Evaluates a CLIP ResNet on the bundled pictures and words: retrieval, and what the last bottlenecks' units answer to.

Axes: C concepts, N stimuli, U units, E embedding. Pictures come from the shipped set; words are the readable names in a
font that the training never showed, black on white.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ingest.bundled import measures
from ingest.bundled.codebook import kinship
from ingest.bundled.concepts import concepts, readable_indices
from ingest.bundled.measures import Floats
from ingest.bundled.picture_set import PICTURE_SET
from ingest.bundled.styles import STYLES
from ingest.bundled.words import word_mask
from ingest.network.capture import normalised
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel, load_clip
from ingest.network.text_side import tokenizer_of
from ingest.network.trunk import forward
from ingest.stimuli.texts import FONTS
from warehouse.errors import UsageError

CPU = Arithmetic("cpu")
HELD_OUT_FONT = FONTS / "Cantarell-Regular-latin.woff"
HELD_OUT_STYLE = next(style.style for style in STYLES if style.is_held_out and style.is_shipped)
SHIPPED_STYLES = (HELD_OUT_STYLE, *(style.style for style in STYLES if style.is_shipped and not style.is_held_out))
DEPTHS = (1, 5)
SHORT_WORDS = "one word of 3 to 7 letters"
_BOTTLENECKS = 3
_BATCH = 128
_SHORT_LETTERS = range(3, 8)
_LONG_LETTERS = range(8, 13)


@dataclass(frozen=True)
class Shown:
    """Stimuli of one kind: the concept of each [N], its embedding [N, E], and mean activations [N, U] by layer."""

    owner: NDArray[np.int64]
    embeddings: Floats
    activations: dict[str, Floats]

    def only(self, chosen: NDArray[np.bool_]) -> Shown:
        """The chosen stimuli alone."""
        activations = {layer: rows[chosen] for layer, rows in self.activations.items()}
        return Shown(self.owner[chosen], self.embeddings[chosen], activations)

    def by_concept(self, layer: str, wanted: Sequence[int]) -> Floats:
        """Activations [C, U] of the wanted concepts, averaged over their stimuli."""
        rows = self.activations[layer]
        sums = np.zeros((len(concepts()), rows.shape[1]))
        np.add.at(sums, self.owner, rows)
        counts = np.bincount(self.owner, minlength=len(sums))
        return sums[list(wanted)] / counts[list(wanted), None]


def evaluate(
    model: ClipModel,
    texts: Floats,
    styles: Sequence[str] = SHIPPED_STYLES,
    *,
    pictures_file: Path = PICTURE_SET,
    font: Path = HELD_OUT_FONT,
    arithmetic: Arithmetic = CPU,
) -> pl.DataFrame:
    """All measures: one row per (subject, measure) with the value, its chance level, and how many it averages over.

    texts: embeddings [C, E] of all concepts' names. styles: retrieval is measured for each, units on the first,
    once with all words and once with the short ones. pictures_file: a Parquet file with the columns of the shipped one.
    """
    layers, size = output_layers(model), model.image_size_px
    pictures = {
        style: shown(model, arithmetic, layers, *style_pictures(style, size, pictures_file)) for style in styles
    }
    words = shown(model, arithmetic, layers, *word_pictures(font, size))
    rows: list[tuple[str, str, float, float | None, int]] = []
    for style, seen in pictures.items():
        rows += _retrieval(f"pictures, {style}", seen.embeddings, texts, seen.owner)
    kinds = _word_kinds(words.owner)
    for kind, chosen in kinds.items():
        rows += _retrieval(f"words, {kind}", words.embeddings[chosen], texts, words.owner[chosen])
    seen, kin = pictures[styles[0]], kinship(concepts()).numpy()
    for layer in layers:
        family = _family("pictures", layer, seen, kin)
        for kind in ("all", SHORT_WORDS):
            subject, read = f"units {layer}, words: {kind}", words.only(kinds[kind])
            rows += _units(subject, layer, seen, read)
            rows += [(subject, *family), (subject, *_family("words", layer, read, kin))]
    columns = {"subject": pl.String, "measure": pl.String, "value": pl.Float64, "chance": pl.Float64, "count": pl.Int64}
    return pl.DataFrame(rows, schema=columns, orient="row")


def figures_json(figures: pl.DataFrame) -> str:
    """The rows of `evaluate` as JSON, one per line, so that two evaluations can be compared by eye."""
    rounded = figures.with_columns(pl.col("value", "chance").round(4))
    return "[\n" + ",\n".join(json.dumps(row) for row in rounded.iter_rows(named=True)) + "\n]"


def output_layers(model: ClipModel) -> list[str]:
    """The outputs of the last three bottlenecks: 4/0/8, 4/1/6 and 4/2/6 in RN50."""
    return [bottleneck.output_name for bottleneck in model.trunk.bottlenecks[-_BOTTLENECKS:]]


def shown(
    model: ClipModel,
    arithmetic: Arithmetic,
    layers: Sequence[str],
    owner: NDArray[np.int64],
    pixels: NDArray[np.uint8],
) -> Shown:
    """Run pictures [N, H, W, 3] once: embeddings and the layers' spatial means."""
    trunk = model.trunk_in(arithmetic)
    embeddings: list[Tensor] = []
    means: dict[str, list[Tensor]] = {layer: [] for layer in layers}
    with torch.inference_mode():
        for batch in torch.from_numpy(pixels).split(_BATCH):
            for name, maps in forward(trunk, normalised(batch, model.image_mean, model.image_std)):
                if name in means:
                    means[name].append(maps.mean((2, 3)).float().cpu())
            embeddings.append(model.visual.attnpool(maps.float().cpu()))
    activations = {layer: torch.cat(parts).numpy() for layer, parts in means.items()}
    return Shown(owner, torch.cat(embeddings).numpy(), activations)


def style_pictures(
    style: str, size_px: int, pictures_file: Path = PICTURE_SET
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """One style of a picture set: the concept of each picture [N], pixels [N, size, size, 3]."""
    pictures = pl.read_parquet(pictures_file)
    rows = pictures.filter(pl.col("style") == style)
    if rows.is_empty():
        raise UsageError(f"no style {style!r} in {pictures_file}: take {', '.join(pictures['style'].unique().sort())}")
    place = {concept.name: index for index, concept in enumerate(concepts())}
    owner = np.array([place[caption] for caption in rows["caption"]])
    return owner, np.stack([_decoded(content, size_px) for content in rows["image"]])


def word_pictures(font: Path, size_px: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The readable names, black on white: the concept of each [N], pixels [N, size, size, 3]."""
    owner = np.array(readable_indices())
    masks = np.stack([word_mask(concepts()[index].name, font, size_px) for index in owner])
    return owner, np.repeat(255 - masks[..., None], 3, axis=-1)


def caption_embeddings(model_name: str, pretrained: str | None = None, *, seed: int = 0) -> Floats:
    """Embeddings [C, E] of all concepts' names by the text side of the model that load_model loads, whose vocabulary
    may be reduced."""
    clip: Any = load_clip(model_name, pretrained, seed=seed)
    read = tokenizer_of(model_name, clip.context_length)
    names = [concept.name for concept in concepts()]
    with torch.inference_mode():
        parts = [clip.encode_text(read(names[start : start + _BATCH])) for start in range(0, len(names), _BATCH)]
    return torch.cat(parts).float().numpy()


def _retrieval(
    subject: str, images: Floats, texts: Floats, owner: NDArray[np.int64]
) -> Iterator[tuple[str, str, float, float | None, int]]:
    for depth in DEPTHS:
        share = measures.hit_share(images, texts, owner, depth)
        yield subject, f"top_{depth}_share", share, depth / len(texts), len(owner)


def _units(
    subject: str, layer: str, pictures: Shown, words: Shown
) -> Iterator[tuple[str, str, float, float | None, int]]:
    """One layer's units, measured on the concepts that have a word."""
    both = sorted(set(pictures.owner) & set(words.owner))
    seen, read = pictures.by_concept(layer, both), words.by_concept(layer, both)
    count = seen.shape[1]
    alive = ~measures.dead(seen, read)
    yield subject, "unit_count", count, None, count
    yield subject, "dead_share", 1 - alive.mean(), None, count
    for depth in DEPTHS:

        def multimodal_count(rows: Floats, depth: int = depth) -> float:
            return float(measures.multimodal(seen, rows, depth).sum())

        name = "multimodal_count_strict" if depth == 1 else f"multimodal_count_top_{depth}"
        yield subject, name, multimodal_count(read), measures.shuffled(multimodal_count, read).mean, len(both)

    def correlation_mean(rows: Floats) -> float:
        return float(np.nanmean(measures.correlation(seen, rows)))

    yield subject, "correlation_mean", correlation_mean(read), measures.shuffled(correlation_mean, read).mean, len(both)
    yield subject, "selectivity_median_pictures", float(np.nanmedian(measures.selectivity(seen))), None, len(both)
    yield subject, "selectivity_median_words", float(np.nanmedian(measures.selectivity(read))), None, len(both)


def _family(kind: str, layer: str, stimuli: Shown, kin: NDArray[np.bool_]) -> tuple[str, float, float, int]:
    """Mean family share of a layer's units over the concepts of some stimuli, and its chance level: with the
    activations of other concepts. kin [C, C]: of all concepts."""
    wanted = sorted(set(stimuli.owner))
    kin_of_wanted = kin[np.ix_(wanted, wanted)]
    shares_with = measures.family_shares(stimuli.by_concept(layer, wanted))

    def share_mean(order: NDArray[np.integer]) -> float:
        """The concepts in another order have their kinship in the inverse one."""
        place = np.argsort(order)
        return float(np.nanmean(shares_with(kin_of_wanted[np.ix_(place, place)])))

    as_they_are = np.arange(len(wanted))
    chance = measures.shuffled(share_mean, as_they_are).mean
    return f"family_share_mean_{kind}", share_mean(as_they_are), chance, len(wanted)


def _word_kinds(owner: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    """Which of the shown words are short, long, or of two words."""
    names = [concepts()[index].name for index in owner]
    return {
        "all": np.ones(len(names), bool),
        SHORT_WORDS: np.array([name.isalpha() and len(name) in _SHORT_LETTERS for name in names]),
        "one word of 8 to 12 letters": np.array([name.isalpha() and len(name) in _LONG_LETTERS for name in names]),
        "two words": np.array([" " in name for name in names]),
    }


def _decoded(content: bytes, size_px: int) -> NDArray[np.uint8]:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    if picture.width != size_px:
        picture = picture.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return np.asarray(picture)
