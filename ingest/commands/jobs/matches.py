"""Find the same units in another model: those whose responses to the same pictures, or words, correlate."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.options import at_least_one, model_options, runner_options
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.errors import InputError, UsageError

if TYPE_CHECKING:
    from ingest.matches.shown import Shown
    from ingest.network.layers import Layer
    from ingest.network.model import ClipModel

_OUTPUTS = "outputs"
_PICTURES, _WORDS, _CAPTIONS = "pictures", "words", "captions"
_LAYERS = f"addresses with commas, all, or {_OUTPUTS} for every bottleneck's output; default: each block's last output"


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("other", metavar="OTHER", help="the other model, as --model takes it: RN101-quickgelu ...")
    parser.add_argument("--other-pretrained", metavar="TAG", help="its weights, as --pretrained takes them")
    parser.add_argument(
        "--other-seed", type=int, default=0, metavar="SEED", help="seed of --other-pretrained random (%(default)s)"
    )
    parser.add_argument("--layers", help=f"layers of the model: {_LAYERS}")
    parser.add_argument("--other-layers", metavar="LAYERS", help="layers of the other model; default: as for the model")
    parser.add_argument(
        "--shown",
        choices=(_PICTURES, _WORDS, _CAPTIONS),
        default=_PICTURES,
        help=f"{_PICTURES} of the model's newest pictures run; written {_WORDS}; or {_CAPTIONS}: the model sees a "
        "picture's caption written, the other the picture (%(default)s)",
    )
    parser.add_argument(
        "--count",
        type=int,
        default=5_000,
        metavar="N",
        help="how many: pictures of the smallest content hashes, or of the most common English words (%(default)s)",
    )
    parser.add_argument(
        "--file", type=at_home, help=f"for --shown {_WORDS}: the texts of this file instead, one per line, UTF-8"
    )
    model_options(parser)
    runner_options(parser)


def run(options: Namespace) -> None:
    from functools import partial

    from ingest.commands.running import model_and_arithmetic, run_job, shards_of
    from ingest.matches.job import MatchesJob
    from ingest.network.model import load_model

    if options.file and options.shown != _WORDS:
        raise UsageError(f"--file {options.file} is for --shown {_WORDS}: give both, or neither")
    path = chosen_warehouse(options)
    count = at_least_one("--count", options.count)
    model, arithmetic = model_and_arithmetic(options)
    other = load_model(options.other, options.other_pretrained, seed=options.other_seed)
    layers, other_layers = _layers(model, options.layers), _layers(other, options.other_layers)
    shown = _shown(options, path, model, other, count)
    make_job = partial(MatchesJob, model, other, layers, other_layers, shown, arithmetic, seed=options.seed)
    job = make_job()
    note(
        f"{len(shown.names):,} {shown.kind}, {len(layers)} x {len(other_layers)} layers of {model.label} and "
        f"{other.label} on {arithmetic.device}"
    )
    run_job(job, path, shards_of(options, make_job))


def _layers(model: ClipModel, typed: str | None) -> tuple[Layer, ...]:
    from ingest.network.layers import block_ends, output_layers, select_layers

    if typed is None:
        return block_ends(model.layers)
    return output_layers(model.layers) if typed == _OUTPUTS else select_layers(model.layers, typed)


def _shown(options: Namespace, path: Path, model: ClipModel, other: ClipModel, count: int) -> Shown:
    from dataclasses import replace

    from ingest.matches.shown import ShownCaptions, ShownPictures, ShownWords, fitting
    from ingest.stimuli.kept_pictures import run_pictures
    from ingest.stimuli.texts import RasterSettings, text_stimuli
    from ingest.stimuli.word_list import common_words
    from warehouse.lists import read_list

    own, others = (RasterSettings(one.image_size_px, one.text_size_px) for one in (model, other))
    if options.shown == _WORDS:
        texts = read_list(Path(options.file)) if options.file else common_words(count)
        words = [text for text, fits in zip(texts, fitting(texts, own, others), strict=True) if fits]
        return ShownWords(tuple(words), text_stimuli(words, own), own, others)
    pictures = run_pictures(path, model, count)
    if options.shown == _PICTURES:
        return ShownPictures(pictures, model, other)
    captions = [text or "" for text in pictures.stimuli["stimulus_text"]]
    named = pictures.stimuli.filter(fitting(captions, own))
    if named.is_empty():
        raise InputError("no picture has a caption that can be written: ingest pictures with captions")
    return ShownCaptions(replace(pictures, stimuli=named), own, other)
