"""What the report shows: figures and case studies, each the answer to a query of sql/examples/."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure

from dashboards.report import figures


@dataclass(frozen=True)
class Drawn:
    """One figure: the query of sql/examples/ that it draws, what it is called and what it shows."""

    example: str
    title: str
    caption: str
    draw: Callable[[pl.DataFrame], Figure]


@dataclass(frozen=True)
class Case:
    """One case study: its query of sql/examples/, its unit, and what the article calls it."""

    example: str
    unit: str
    title: str


CASES = (
    Case("case_cap", "4/2/6/2", "Cap"),
    Case("case_you", "4/2/6/34", "You, and bloody wounds"),
    Case("case_trump", "4/2/6/1052", "Trump"),
    Case("case_daisy", "4/2/6/295", "Daisies and butterflies"),
    Case("case_football", "4/2/6/11", "Football and babies"),
)

FIGURES = (
    Drawn(
        "figure_shortcut_shares",
        "Who makes a unit: the shortcut or the convolutions?",
        "Units of the last block's outputs by the share that comes from the shortcut: 0 is all from the bottleneck's "
        "own convolutions, 1 all from the layer before it. The dashed line is the article's threshold of 0.9. n is the "
        "number of measured units: a sample, where pictures were optimised for only a few. Dead units have no share "
        "and are left out; the claims count them as not above.",
        figures.shortcut_shares,
    ),
    Drawn(
        "figure_bimodality_by_depth",
        "Are earlier units more bimodal?",
        "Bimodality (Sarle's coefficient) of the forward contributions of each lower layer's units to the last "
        "convolution: median and, shaded, the middle half of the units. A normal distribution gives 1/3, a uniform one "
        "5/9, two separate groups up to 1.",
        figures.bimodality_by_depth,
    ),
    Drawn(
        "figure_bimodality_jump",
        "Where contributions turn bimodal",
        "For the units of blocks 1 and 2: at which bottleneck's last convolution Sarle's coefficient rises most. The "
        "article sees the jump at 4/2/5 and nowhere else.",
        figures.bimodality_jump,
    ),
    Drawn(
        "figure_contribution_shape",
        "Exponential or normal",
        "Cumulative share of units by the gain in log-likelihood of a Laplace over a normal distribution, fitted to "
        "the unit's contributions. Right of zero the exponential shape fits better. The article finds backward "
        "contributions exponential, forward ones closer to normal.",
        figures.contribution_shape,
    ),
    Drawn(
        "figure_versatility",
        "Versatility against depth",
        "Share of the last convolution's units that a lower unit hardly touches (|mean| below a tenth of its root mean "
        "square): median over each lower layer's units. Fewer means more versatile.",
        figures.versatility,
    ),
    Drawn(
        "figure_magnitude_and_mean",
        "Do magnitude and mean tell the same story?",
        "Spearman's rank correlation of magnitude and |mean| over all pairs of units between each lower layer and the "
        "last convolution: 1 where both rank pairs alike, as they must where the support is a single cell.",
        figures.magnitude_and_mean,
    ),
    Drawn(
        "figure_published_words",
        "Words of the original notebooks",
        "For each word: of the units that the original notebooks print, the share that is among as many first units "
        "here. From the dashed line on this counts as agreement.",
        figures.published_words,
    ),
)
