"""Which unit pages begin with: the clearest of the chosen model's last layer, as far as the file can tell."""

from __future__ import annotations

from dashboards.reads import models, questions, units


def first_unit() -> str:
    """Address of a unit whose pictures, or words, say one thing; channel 0 of the last layer where none is known."""
    layer = units.layers()["layer_name"][-1]
    return _clear_in_pictures(layer) or _clear_in_words(layer) or f"{layer}/0"


def _clear_in_pictures(layer: str) -> str | None:
    """Of the units whose pictures agree best, the first whose words name the same thing; else the first of all."""
    for run in models.runs("pictures")[-1:]:
        rows = questions.answer("unit/clear_in_pictures", run=run, layer=layer, feature_runs=units.feature_runs()).rows
        clear = list(rows.select("unit_name", "concept").iter_rows())
        named = _words(list(dict.fromkeys(unit for unit, _ in clear)))
        return next((unit for unit, concept in clear if (unit, concept) in named), clear[0][0] if clear else None)
    return None


def _words(unit_names: list[str]) -> set[tuple[str, str]]:
    """(unit, word) of the words that drive these units most."""
    for run in models.runs("words")[-1:]:
        rows = questions.answer("unit/words_of_units", run=run, units=unit_names).rows
        return {(unit, word.lower()) for unit, word in rows.iter_rows()}
    return set()


def _clear_in_words(layer: str) -> str | None:
    for run in models.runs("words")[-1:]:
        rows = questions.answer("unit/clear_in_words", run=run, model=models.chosen(), layer=layer).rows
        return rows["unit_name"][0] if len(rows) else None
    return None
