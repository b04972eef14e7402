"""The measured part of the bundled model's card, made from its figures. People write the rest of the card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

BEGIN, END = "<!-- measured: written by ingest.bundled.training.card -->", "<!-- end of the measured part -->"
_PICTURES, _WORDS, _UNITS = "pictures, twemoji", "words, all", "units 4/2/6, words: all"
_SHORT_UNITS = "units 4/2/6, words: one word of 3 to 7 letters"
_TRAINED = ("pictures, noto", "pictures, fluent-emoji-flat", "pictures, emojione")
_LENGTHS = ("words, one word of 3 to 7 letters", "words, one word of 8 to 12 letters", "words, two words")
_LAYERS = ("4/0/8", "4/1/6", "4/2/6")


def write_measured(card: Path, figures: Path) -> None:
    """Replace what stands between BEGIN and END by tables of the figures."""
    before, rest = card.read_text(encoding="utf-8").split(BEGIN)
    card.write_text(before + BEGIN + "\n" + measured(figures) + END + rest.split(END)[1], encoding="utf-8")


def measured(figures: Path) -> str:
    """Two tables: the model beside the project's first version, and the last three bottlenecks; chance in brackets."""
    figures_by_name = {(row["subject"], row["measure"]): row for row in json.loads(figures.read_text(encoding="utf-8"))}

    def value(subject: str, measure: str, form: str = ".3f", of: str = "value") -> str:
        return format(figures_by_name[subject, measure][of], form)

    def beside_chance(subject: str, measure: str, form: str = ".3f", chance_form: str | None = None) -> str:
        return f"{value(subject, measure, form)} ({value(subject, measure, chance_form or form, 'chance')})"

    def both(subject: str, of: str) -> str:
        return " / ".join(value(subject, f"top_{depth}_share", of=of) for depth in (1, 5))

    correlations = " / ".join(value(subject, "correlation_mean", ".2f") for subject in (_UNITS, _SHORT_UNITS))
    rows = (
        (
            "picture to name, Twemoji, top 1 / top 5 of 1,373",
            f"{both(_PICTURES, 'value')} ({both(_PICTURES, 'chance')})",
            "0.555 / 0.769",
        ),
        (
            "trained styles, top 1: Noto, Fluent flat, Emoji One",
            ", ".join(value(style, "top_1_share") for style in _TRAINED),
            "0.927, 0.935, 0.415 (not trained)",
        ),
        ("words, all 819 names, top 1 of 1,373", beside_chance(_WORDS, "top_1_share"), "0.447"),
        (
            "words of 3 to 7 letters / 8 to 12 letters / two words",
            " / ".join(value(kind, "top_1_share") for kind in _LENGTHS),
            "0.995 / 0.000 / 0.000",
        ),
        (
            "multimodal units of 4/2/6, strict, 819 concepts, of 512",
            beside_chance(_UNITS, "multimodal_count_strict", ".0f", ".1f"),
            "51 (0.4)",
        ),
        (
            "the same, 368 concepts with short names",
            beside_chance(_SHORT_UNITS, "multimodal_count_strict", ".0f", ".1f"),
            "76 (1.4)",
        ),
        (
            "either top among the other's top 5, 819 concepts",
            beside_chance(_UNITS, "multimodal_count_top_5", ".0f", ".1f"),
            "172 (5.8)",
        ),
        ("mean picture-word correlation of a unit, 819 / 368 concepts", f"{correlations} (0.00)", "0.16 / 0.30"),
        ("family share, pictures", beside_chance(_UNITS, "family_share_mean_pictures"), "0.039 (0.027)"),
        ("family share, words", beside_chance(_UNITS, "family_share_mean_words"), "0.037 (0.033)"),
        ("dead units", value(_UNITS, "dead_share"), "0.000"),
    )
    layers = [
        (
            layer,
            beside_chance(units, "multimodal_count_strict", ".0f", ".1f"),
            beside_chance(units, "multimodal_count_top_5", ".0f", ".1f"),
            value(units, "correlation_mean", ".2f"),
            beside_chance(units, "family_share_mean_pictures"),
            value(units, "selectivity_median_pictures", ".1f"),
            value(units, "dead_share"),
        )
        for layer, units in ((layer, f"units {layer}, words: all") for layer in _LAYERS)
    ]
    heads = ("layer", "strict", "within top 5", "correlation", "family share, pictures", "selectivity", "dead")
    return (
        f"{_table(('what', 'this model', 'first version'), rows)}\nThe last three bottlenecks, 819 concepts:\n\n"
        + _table(heads, layers)
    )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
