"""The article on one model: which jobs hold its claims against the weights, in which order.

Source: definitions.md sections 2 to 7. A step is the command that a person would type, with what it costs; nothing here
runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from ingest.article.claimed import ARTICLE_MODEL, claimed_texts, listed_units, published_name
from ingest.bundled.picture_set import PICTURE_SET
from ingest.features.microscope import is_on_microscope
from ingest.network.device import Arithmetic
from ingest.network.layers import Layer, default_bottlenecks, default_layers, select_bottlenecks
from ingest.network.model import ClipModel
from ingest.stimuli.word_list import common_words

# The commit is named, so that the figures stay what they were.
PUBLISHED_URL = (
    "https://raw.githubusercontent.com/jackaldenryan/clip-enrichment-circuits/223721b05424db57334479f28d26e6131958b872"
)
PUBLISHED_BOTTLENECKS = ("4/0", "4/1", "4/2")
CASE_CHANNELS = (2, 11, 34, 295, 1052)  # of the last layer: cap, football, you, daisy, Trump
_BESIDE_THE_LAST_BLOCK = "3/5/6"  # where the original's notebook looks for "trump"
_QUICK_WORDS, _ALL_WORDS = 1_000, 10_000
_FEW_PAIRS = 50_000_000  # a model this narrow needs no subset of its weights
QUICK_STEPS = 128  # half of the default or less: coarse pictures, and soon
_QUICK_SAMPLE, _CPU_SAMPLE = 16, 64  # units whose picture is optimised, beside those of the case studies


@dataclass(frozen=True)
class Plan:
    """What to reproduce: a model, where it runs, and how much of it. pictures: a source, '' for the bundled
    ones; published: folder or address of the original's files; site: a mirror of Microscope, '' for itself."""

    model: ClipModel
    arithmetic: Arithmetic
    model_options: tuple[str, ...]
    is_quick: bool
    pictures: str = ""
    published: str = PUBLISHED_URL
    site: str = ""

    @property
    def published_name(self) -> str | None:
        """The model's name in publications; None for a model without any."""
        return published_name(self.model.model_name, self.model.pretrained_tag)


@dataclass(frozen=True)
class Step:
    """One job, as typed after `clip-warehouse ingest`. work: how much of `counted` there is to do.

    otherwise: what is done instead if its source is gone.
    """

    title: str
    arguments: tuple[str, ...]
    work: int
    counted: str
    otherwise: Step | None = None


def steps(plan: Plan, word_file: Path) -> list[Step]:
    """Every job in order; the shares need the pictures and feature visualisations before them."""
    return [
        _words(plan, word_file),
        _weights(plan),
        _pictures(plan),
        *(published_steps(plan.published) if plan.published_name in (ARTICLE_MODEL, None) else []),
        _feature_pictures(plan),
        _shares(plan, "features"),
        _shares(plan, "examples"),
    ]


def published_steps(base: str) -> list[Step]:
    """The original repository's own figures, from a folder or an address; they need no model."""
    return [
        Step(
            f"published {bottleneck}",
            ("published", _published_file(base, bottleneck), "--bottleneck", bottleneck),
            work=2_048,
            counted="published units",
        )
        for bottleneck in PUBLISHED_BOTTLENECKS
    ]


def word_list(plan: Plan) -> list[str]:
    """The texts that the claims about the model need, then the most common words, each once."""
    claimed = claimed_texts(plan.published_name, with_short_lists=not plan.is_quick)
    return list(dict.fromkeys([*claimed, *common_words(_QUICK_WORDS if plan.is_quick else _ALL_WORDS)]))


def weight_layers(plan: Plan) -> tuple[list[Layer], list[Layer]]:
    """(upper, lower): every bottleneck's last convolution and all below it; quick, on a wide model, a subset.

    The subset ends at each block's last convolution and at all of the last block's, and starts from each bottleneck's
    output and from the last block's inner convolutions: depth and jumps can still be told, and the article's circuits
    are all there.
    """
    layers = plan.model.layers
    uppers = [layer for layer in layers if layer.op_index == 5]
    lowers = [layer for layer in layers if layer.layer_order < uppers[-1].layer_order]
    if not plan.is_quick or pair_count(uppers, lowers) <= _FEW_PAIRS:
        return uppers, lowers
    last = uppers[-1].block_index
    ends = {layer.block_index: layer for layer in uppers}
    few = [layer for layer in lowers if layer.op_index in ((3, 6, 8) if layer.block_index == last else (6, 8))]
    return [layer for layer in uppers if layer.block_index == last or layer is ends[layer.block_index]], few


def pair_count(uppers: list[Layer], lowers: list[Layer]) -> int:
    """Pairs of units, nearly: the few pairs of layers without a path between them are counted too."""
    below = [(upper, lower) for upper in uppers for lower in lowers if lower.layer_order < upper.layer_order]
    return sum(upper.channel_count * lower.channel_count for upper, lower in below)


def case_units(plan: Plan) -> list[str]:
    """Units of the last layer that are spoken of, and the units of the shortcut that they share a channel with: the
    article's case studies, and for another of OpenAI's models those that twenty words are published for."""
    *_, shortcut, last = _outputs(plan)
    channels = [int(unit.rpartition("/")[2]) for unit in listed_units(plan.published_name)]
    if plan.published_name in (ARTICLE_MODEL, None):
        channels = list(CASE_CHANNELS)
    names = [f"{layer.layer_name}/{channel}" for channel in channels for layer in (last, shortcut)]
    return [name for name in names if int(name.rpartition("/")[2]) < last.channel_count]


def _words(plan: Plan, word_file: Path) -> Step:
    names = {layer.layer_name for layer in plan.model.layers}
    beside = [name for name in (_BESIDE_THE_LAST_BLOCK,) if name in names]
    layers = ",".join([default_layers(plan.model.layers), *beside])
    arguments = ("words", "--file", str(word_file), "--layers", layers, *plan.model_options)
    return Step("words", arguments, len(word_list(plan)), "words")


def _weights(plan: Plan) -> Step:
    uppers, lowers = weight_layers(plan)
    named = ("--upper", _addresses(uppers), "--lower", _addresses(lowers))
    return Step("weights", ("weights", *named, *plan.model_options), pair_count(uppers, lowers), "pairs of units")


def _pictures(plan: Plan) -> Step:
    source = (plan.pictures,) if plan.pictures else ()
    arguments = ("pictures", *source, "--layers", default_layers(plan.model.layers), *plan.model_options)
    count = 0 if source else pq.ParquetFile(PICTURE_SET).metadata.num_rows
    return Step("pictures", arguments, count, "pictures")


def _feature_pictures(plan: Plan) -> Step:
    """Microscope's pictures if it has the model; ours if it does not, or is gone."""
    units = _feature_units(plan)
    fewer = ("--steps", str(QUICK_STEPS)) if plan.is_quick else ()
    made = ("features", "--units", ",".join(units), *fewer, *plan.model_options)
    ours = Step("features", made, len(units), "features")
    if not is_on_microscope(plan.model.model_name, plan.model.pretrained_tag):
        return ours
    named = units if plan.is_quick else [layer.layer_name for layer in _outputs(plan)]
    count = len(units) if plan.is_quick else sum(layer.channel_count for layer in _outputs(plan))
    mirror = ("--site", plan.site) if plan.site else ()
    arguments = ("microscope", "--units", ",".join(named), *mirror, *plan.model_options)
    return Step("microscope", arguments, count, "downloads", otherwise=ours)


def _feature_units(plan: Plan) -> list[str]:
    """Units or whole layers to optimise a picture for: on a GPU all, on a CPU the cases and an even sample."""
    if plan.arithmetic.is_gpu and not plan.is_quick:
        return [layer.layer_name for layer in _outputs(plan)]
    last = _outputs(plan)[-1]
    stride = max(1, last.channel_count // (_QUICK_SAMPLE if plan.is_quick else _CPU_SAMPLE))
    sample = [f"{last.layer_name}/{channel}" for channel in range(0, last.channel_count, stride)]
    return list(dict.fromkeys([*case_units(plan), *sample]))


def _shares(plan: Plan, images: str) -> Step:
    before = _feature_pictures(plan) if images == "features" else _pictures(plan)
    arguments = ("shares", "--images", images, *plan.model_options)
    return Step(f"shares on {images}", arguments, before.work, "images of units")


def _outputs(plan: Plan) -> list[Layer]:
    """Outputs of the last block's bottlenecks: 4/0/8, 4/1/6 and 4/2/6 in RN50."""
    trunk = plan.model.trunk
    names = {bottleneck.output_name for bottleneck in select_bottlenecks(trunk, default_bottlenecks(trunk))}
    return [layer for layer in plan.model.layers if layer.layer_name in names]


def _published_file(base: str, bottleneck: str) -> str:
    return f"{base.rstrip('/')}/relu_conv_bottleneck_{bottleneck.replace('/', '_')}.txt"


def _addresses(layers: list[Layer]) -> str:
    return ",".join(layer.layer_name for layer in layers)
