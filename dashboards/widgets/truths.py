"""The box that chooses which quantity describes connections, and the mark of how true it is."""

from __future__ import annotations

import streamlit as st

from dashboards.markup import truth
from dashboards.markup.links import address
from dashboards.reads import models, quantities
from dashboards.reads.quantities import Quantity
from dashboards.widgets import elements
from warehouse.wording import number_of

_BOX_PX = 150


def choice(known: tuple[Quantity, ...] = quantities.ALL, *, upper: str = "", is_named: bool = True) -> None:
    """Offers what is measured; its help names the command for the rest. upper: the layer that the command is for.

    is_named: whether the box has its name and help above it; else call `missing` where there is room.
    """
    said = [f"- **{quantity.name}**: {quantity.says}." for quantity in known]
    if unmeasured := _unmeasured(known):
        said.append(f"\nNot measured yet: {unmeasured}. `{_gated_command(upper)}`")
    st.selectbox(
        "Connections by",
        [quantity.name for quantity in quantities.measured(known)],
        key=quantities.KEY,
        bind="query-params",
        width=_BOX_PX, help="\n".join(said) if is_named else None,
        label_visibility="visible" if is_named else "collapsed",
    )  # fmt: skip


def missing(upper: str) -> None:
    """What the box does not offer, and the command that measures it, on a quiet line."""
    if unmeasured := _unmeasured(quantities.ALL):
        elements.markup(truth.unmeasured(unmeasured, _gated_command(upper)))


def mark(lower: str, upper: str) -> None:
    """How well the chosen quantity predicts real effects between two layers."""
    quantity = quantities.chosen()
    found = quantities.truth(quantity, lower, upper)
    said = f"{quantity.name}, {lower} → {upper}: correlation with real effects"
    if quantity is quantities.GATED:
        tip = "A mean over pictures is not tested on single pictures. Each picture's own gates are: see page How true."
    elif found.correlation is None:
        tip = models.command(f"{quantities.MEASURE_TRUTH} --upper {upper} --lower {lower}")
    else:
        shown = number_of(found.picture_count, "picture")
        tip = f"Over all pairs of units on each of {shown}: 1 is a perfect prediction, 0 a useless one."
    elements.markup(truth.mark(said, found.correlation, tip, address("how_true", lower=lower, upper=upper)))


def _unmeasured(known: tuple[Quantity, ...]) -> str:
    offered = quantities.measured(known)
    return ", ".join(quantity.name for quantity in known if quantity not in offered)


def _gated_command(upper: str) -> str:
    return models.command(f"{quantities.MEASURE_GATED}{f' --upper {upper}' if upper else ''}")
