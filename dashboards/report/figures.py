"""The report's figures: an answer to a query in, a matplotlib figure out. No pyplot: nothing here keeps a state."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

# Okabe and Ito's colours, told apart by nearly everybody, darkened where they must carry thin lines on white.
COLOURS = ("#0072b2", "#c44e00", "#00855f", "#8c5a8e", "#777777", "#a17a00")
_GRID, _INK, _FAINT = "#e4e4e4", "#333333", "#8a8a8a"
_WIDTH_IN = 9.2
_BINS = 20
_THRESHOLD = 0.9


def shortcut_shares(rows: pl.DataFrame) -> Figure:
    layers = rows["layer_name"].unique().sort().to_list()
    series = rows["series"].unique().sort().to_list()
    figure = Figure(figsize=(_WIDTH_IN, 3.3), layout="constrained")
    for axes, layer in zip(figure.subplots(1, len(layers), sharey=True, squeeze=False)[0], layers, strict=True):
        _dressed(axes, title=layer)
        for line, (name, colour) in enumerate(zip(series, _colours(), strict=False)):
            part = rows.filter(pl.col("layer_name") == layer, pl.col("series") == name)
            if len(part):
                _note_count(axes, line, part["measured_unit_count"][0], colour)
                shares = dict(zip(part["bin_index"], part["unit_share"], strict=True))
                heights = [shares.get(index, 0.0) for index in range(_BINS)]
                axes.stairs(heights, [index / _BINS for index in range(_BINS + 1)], color=colour, lw=1.6, label=name)
        axes.axvline(_THRESHOLD, color=_FAINT, lw=1, ls="--")
        axes.set_xlim(0, 1)
        axes.set_xlabel("share of the shortcut")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    figure.axes[0].set_ylabel("units")
    _legend_above(figure)
    return figure


def _note_count(axes: Axes, line: int, count: int, colour: str) -> None:
    """How many units a series rests on, in its colour."""
    place = (0.04, 0.97 - 0.085 * line)
    axes.annotate(f"n = {count:,}", place, xycoords="axes fraction", va="top", color=colour, size=7.5)


def bimodality_by_depth(rows: pl.DataFrame) -> Figure:
    figure, axes = _by_layer(rows, "lower_layer")
    for name, part, places, colour in _lines(rows, "lower_layer"):
        axes.fill_between(
            places, part["sarle_lower_quartile"], part["sarle_upper_quartile"], color=colour, alpha=0.15, lw=0
        )
        axes.plot(places, part["sarle_median"], color=colour, lw=1.8, marker="o", ms=3, label=name)
    for value, said in ((1 / 3, "normal"), (5 / 9, "uniform")):
        axes.axhline(value, color=_FAINT, lw=1, ls="--")
        axes.annotate(
            said, (1, value), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=_FAINT, size=8
        )
    axes.set_ylabel("Sarle's coefficient")
    axes.set_xlabel("lower layer, from the stem to the last convolution")
    _legend_above(figure)
    return figure


def bimodality_jump(rows: pl.DataFrame) -> Figure:
    return _grouped_bars(rows, "upper_layer", "unit_share", "units whose largest rise lies here", "last convolution")


def contribution_shape(rows: pl.DataFrame) -> Figure:
    figure = Figure(figsize=(_WIDTH_IN, 3.3), layout="constrained")
    axes = _dressed(figure.subplots())
    pairs = rows.select("model", "direction").unique(maintain_order=True).rows()
    colours = dict(zip(dict.fromkeys(model for model, _ in pairs), _colours(), strict=False))
    for model, direction in pairs:
        part = rows.filter(pl.col("model") == model, pl.col("direction") == direction)
        style = "-" if direction == "backward" else "--"
        gains, shares = part["laplace_gain"], part["percentile"] / 100
        axes.plot(gains, shares, style, color=colours[model], lw=1.8, label=f"{model}, {direction}")
    axes.axvline(0, color=_FAINT, lw=1)
    _clip_to_middle(axes, rows["laplace_gain"])
    axes.set_xlabel(
        "log-likelihood of Laplace minus normal, nats a contribution   (normal \N{LEFTWARDS ARROW} 0 "
        "\N{RIGHTWARDS ARROW} exponential)"
    )
    axes.set_ylabel("units below")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    _legend_above(figure)
    return figure


def versatility(rows: pl.DataFrame) -> Figure:
    return _one_line_a_model(rows, "near_zero_share_median", "upper units hardly touched", is_share=True)


def magnitude_and_mean(rows: pl.DataFrame) -> Figure:
    return _one_line_a_model(rows, "magnitude_mean_rank_correlation", "rank correlation", is_share=False)


def published_words(rows: pl.DataFrame) -> Figure:
    rows = rows.rename({"word": "place"}).with_columns(pl.col("finding_index").alias("layer_order"))
    figure = _grouped_bars(rows, "place", "agreement", "published units found again", "")
    figure.axes[0].set_ylim(0, 1)
    for wanted in rows["agreement_wanted"].unique():
        figure.axes[0].axhline(wanted, color=_FAINT, lw=1, ls="--")
    return figure


def _one_line_a_model(rows: pl.DataFrame, column: str, label: str, *, is_share: bool) -> Figure:
    figure, axes = _by_layer(rows, "lower_layer")
    for name, part, places, colour in _lines(rows, "lower_layer"):
        axes.plot(places, part[column], color=colour, lw=1.8, marker="o", ms=3, label=name)
    if is_share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel(label)
    axes.set_xlabel("lower layer, from the stem to the last convolution")
    _legend_above(figure)
    return figure


def _grouped_bars(rows: pl.DataFrame, place: str, value: str, label: str, below: str) -> Figure:
    """Bars for each place, one beside the other for each model."""
    figure, axes = _by_layer(rows, place)
    models = rows["model"].unique(maintain_order=True).to_list()
    width = 0.8 / len(models)
    for number, (name, part, places, colour) in enumerate(_lines(rows, place)):
        offset = (number - (len(models) - 1) / 2) * width
        axes.bar([at + offset for at in places], part[value], width * 0.92, color=colour, label=name)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel(label)
    axes.set_xlabel(below)
    _legend_above(figure)
    return figure


def _by_layer(rows: pl.DataFrame, column: str) -> tuple[Figure, Axes]:
    """A wide figure with the layers (or words) of a column along its axis, in network order."""
    figure = Figure(figsize=(_WIDTH_IN, 3.3), layout="constrained")
    axes = _dressed(figure.subplots())
    names = _in_order(rows, column)
    axes.set_xticks(range(len(names)), names, rotation=90 if len(names) > 12 else 0, size=7 if len(names) > 30 else 8)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.grid(axis="x", visible=False)
    return figure, axes


def _lines(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame, list[int], str]]:
    """(model, its rows, their places on the axis, its colour)."""
    places = {name: place for place, name in enumerate(_in_order(rows, column))}
    for model, colour in zip(rows["model"].unique(maintain_order=True), _colours(), strict=False):
        part = rows.filter(pl.col("model") == model).sort("layer_order")
        yield model, part, [places[name] for name in part[column]], colour


def _in_order(rows: pl.DataFrame, column: str) -> list[str]:
    return rows.sort("layer_order")[column].unique(maintain_order=True).to_list()


def _colours() -> Iterator[str]:
    while True:
        yield from COLOURS


def _dressed(axes: Axes, title: str = "") -> Axes:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_FAINT)
    axes.tick_params(colors=_INK, labelsize=8, length=3, color=_FAINT)
    axes.grid(color=_GRID, lw=0.7)
    axes.set_axisbelow(True)
    axes.xaxis.label.set(size=9, color=_INK)
    axes.yaxis.label.set(size=9, color=_INK)
    if title:
        axes.set_title(title, size=9, color=_INK, loc="left")
    return axes


def _legend_above(figure: Figure) -> None:
    """One legend for all axes, above them, so that it hides nothing."""
    part = {
        label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    if part:
        figure.legend(
            part.values(), part.keys(), loc="outside upper left", ncols=3, frameon=False, fontsize=8, labelcolor=_INK
        )


def _clip_to_middle(axes: Axes, values: pl.Series) -> None:
    """Leave out the last percents of a long tail, so that the middle can be read."""
    low, high = values.quantile(0.02) or 0.0, values.quantile(0.98) or 0.0
    room = max(high - low, 1e-6) * 0.1
    axes.set_xlim(min(low, 0) - room, max(high, 0) + room)
