"""Which models were compared with the chosen one, and how a unit of another model is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboards.markup import chips
from dashboards.markup.links import address
from dashboards.reads import models, questions, units

_SHOWN = {"pictures": "", "words": " · on words"}
_CAPTIONS = {False: " · captions against its pictures", True: " · pictures against its captions"}


@dataclass(frozen=True)
class Comparison:
    """A matches run, seen from the chosen model."""

    run_id: int
    is_reverse: bool
    other_model_id: int
    other_label: str
    shown: str

    @property
    def label(self) -> str:
        name = "itself" if self.other_model_id == models.chosen() else self.other_label
        return name + (_CAPTIONS[self.is_reverse] if self.shown == "captions" else _SHOWN.get(self.shown, ""))

    def chip(self, unit_name: str, picture: str | None = None) -> str:
        """Markup of a link to a unit of the other model."""
        there = address("unit", unit=unit_name, model=self.other_label)
        return chips.link(there, unit_name, "cw-chip", picture, f"unit {unit_name} of {self.other_label}")

    def faces(self, unit_ids: Iterable[int]) -> dict[int, str]:
        return units.faces(unit_ids, model_id=self.other_model_id)


def comparisons() -> list[Comparison]:
    """The newest comparison with each other model on each kind of stimuli, the newest of all first."""
    names = {model_id: label for label, model_id in models.labels().items()}
    found = questions.answer("two_models/comparisons", model=models.chosen()).rows
    return [
        Comparison(row["run_id"], row["is_reverse"], row["other_model_id"], names[row["other_model_id"]], row["shown"])
        for row in found.iter_rows(named=True)
    ]
