"""Which quantity describes a connection (linear weights, gated weights, effects on pictures), and how true it is.

The box that chooses it is bound to `?weights=` and offers what the file holds for the chosen model.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboards.reads import models, questions

KEY = "weights"
MEASURE_GATED = "ingest weights --gates pictures"
MEASURE_TRUTH = "ingest effects"


@dataclass(frozen=True)
class Quantity:
    """name: as in the box; part_name: that of its weights run; mean and size: its columns; says: what it is."""

    name: str
    part_name: str
    mean: str
    size: str
    says: str


@dataclass(frozen=True)
class Truth:
    """How well a quantity predicts what replacing lower units really does, over (lower unit, upper unit, picture).

    correlation: None where it was not measured, or where nothing varies.
    """

    correlation: float | None
    picture_count: int


LINEAR = Quantity("linear", "", "weight_mean", "weight_magnitude", "every ReLU open, as the article")
GATED = Quantity(
    "gated", "gated", "weight_mean", "weight_magnitude", "each picture's own gates, averaged over pictures"
)
EFFECT = Quantity(
    "effect on pictures", "gated", "effect_mean", "effect_absolute_mean",
    "how far the lower unit's deviation from its mean moves the upper unit on pictures",
)  # fmt: skip
ALL = (LINEAR, GATED, EFFECT)


def measured(known: tuple[Quantity, ...] = ALL) -> list[Quantity]:
    """The quantities that the file holds for the chosen model; linear weights always."""
    return [quantity for quantity in known if quantity is LINEAR or models.runs("weights", quantity.part_name)]


def chosen(known: tuple[Quantity, ...] = ALL) -> Quantity:
    """The box's value, even before the box is drawn."""
    asked = st.session_state.get(KEY, st.query_params.get(KEY))
    return next((quantity for quantity in measured(known) if quantity.name == asked), LINEAR)


def runs(quantity: Quantity) -> list[int]:
    """The weights runs that hold it."""
    return models.runs("weights", quantity.part_name)


def truth(quantity: Quantity, lower: str, upper: str) -> Truth:
    """How true it is between two layers; unknown for gated weights, whose mean over pictures fits no single one."""
    if quantity is GATED:
        return Truth(None, 0)
    rows = questions.answer("every_page/truth", model=models.chosen(), lower=lower, upper=upper).rows
    if rows.is_empty():
        return Truth(None, 0)
    row = rows.row(0, named=True)
    return Truth(row["linear_correlation" if quantity is LINEAR else "gated_correlation"], row["picture_count"])
