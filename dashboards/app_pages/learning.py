"""Bottleneck learning: how much of each channel comes from the shortcut, ours beside the published values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl
import streamlit as st

from dashboards.markup import chips, histograms, numbers, pictures, scatter
from dashboards.markup.histograms import Histogram
from dashboards.markup.links import address
from dashboards.reads import models, questions, warehouse_file
from dashboards.widgets import elements, notices, tables
from dashboards.widgets.tables import Column
from warehouse.wording import number_of

_BINS, _COLUMNS, _BARS_PX, _LISTED_PX = 25, 3, 84, 420
_DEFINITION_HELP = "added: batch-norm outputs, as the network adds them. published: raw convolutions, as the article."
_SOURCE_HELP = "examples: each unit's top pictures. features: its feature visualisation, as the article."


@dataclass(frozen=True)
class Asked:
    """What the reader has chosen. run: the shares run of the chosen images."""

    run: int
    runs: tuple[int, ...]
    definition: str
    source: str
    threshold: float
    bottleneck: str


def _asked(sources: pl.DataFrame, runs: tuple[int, ...]) -> Asked:
    by_source = dict(sources.select("image_source", "run_id").iter_rows())
    parts = st.columns([3, 3, 4, 2], gap="medium", vertical_alignment="bottom")
    with parts[0]:
        definition = _choice("Definition", ["added", "published"], "definition", _DEFINITION_HELP)
    with parts[1]:
        source = _choice("Images", sorted(by_source), "images", _SOURCE_HELP)
    with parts[2]:
        threshold = st.slider("Threshold of the share", 0.05, 0.99, 0.9, 0.01, key="threshold", bind="query-params")
    known = (
        questions.answer("learning/above_threshold", runs=runs, threshold=threshold)
        .rows["bottleneck_name"]
        .unique()
        .sort()
        .to_list()
    )
    with parts[3]:
        bottleneck = st.selectbox("Bottleneck", known, index=len(known) - 1, key="bottleneck", bind="query-params")
    return Asked(by_source[source], runs, definition, source, threshold, bottleneck)


def _choice(label: str, options: list[str], key: str, said: str) -> str:
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params", help=said
    )
    return chosen or options[0]


def _counts(rows: pl.DataFrame) -> list[int]:
    return rows["value_count"].to_list() or [0] * _BINS


def _distributions(asked: Asked) -> None:
    """How the shares of a bottleneck's channels are distributed, the published ones as a line over ours."""
    shares = _shares(asked)
    is_compared = not shares.rows.filter(measured_by="published").is_empty()
    note = f"share of the channels · {asked.definition}, {asked.source}"
    with elements.section("Shortcut share of each channel", note, sql=shares.sql, rows=shares.rows):
        drawn = _histograms(asked, shares.rows)
        elements.markup(_legend(asked, is_compared) + histograms.small_multiples(drawn, _COLUMNS, _BARS_PX))


def _legend(asked: Asked, is_compared: bool) -> str:
    published = '<i class="cw-published"></i>OpenAI’s RN50, as published' if is_compared else ""
    return (
        f'<p class="cw-legend"><i class="cw-ours"></i>ours{published}'
        f'<i class="cw-threshold"></i>threshold {asked.threshold:.2f}</p>'
    )


def _shares(asked: Asked) -> questions.Answer:
    """Our shares and the published ones, in bins."""
    return questions.answer(
        "learning/share_histograms", run=asked.run, definition=asked.definition, threshold=asked.threshold
    )


def _histograms(asked: Asked, shares: pl.DataFrame) -> list[Histogram]:
    """One for each bottleneck that we or the article measured."""
    above = _above(asked)
    drawn = []
    for (name,), rows in shares.group_by("bottleneck_name", maintain_order=True):
        ours, published = rows.filter(measured_by="ours"), rows.filter(measured_by="published")
        notes = filter(None, [above.get(name, ""), _published_note(published)])
        outline = () if published.is_empty() else _counts(published)
        drawn.append(
            Histogram(_counts(ours), name, " · ".join(notes), zero=asked.threshold, scale=("0", "1"), outline=outline)
        )
    return sorted(drawn, key=lambda histogram: histogram.title)


def _published_note(rows: pl.DataFrame) -> str:
    return "" if rows.is_empty() else f"published {numbers.percent(_published_above(rows), 1)}"


def _published_above(rows: pl.DataFrame) -> float:
    """Share of a bottleneck's channels above the threshold; dead ones count as not above, as in the article."""
    return float(rows["above_count"][0] / rows["channel_count"][0])


def _above(asked: Asked) -> dict[str, str]:
    """Bottleneck -> the line under its histogram."""
    rows = questions.answer("learning/above_threshold", runs=asked.runs, threshold=asked.threshold).rows
    mine = rows.filter(definition=asked.definition, image_source=asked.source)
    return {
        name: f"{numbers.percent(share, 1)} above · {dead} dead"
        for name, share, dead in mine.select("bottleneck_name", "above_share", "dead_count").iter_rows()
    }


def _side_by_side(asked: Asked) -> None:
    """Both definitions on both images, as a table."""
    answer = questions.answer("learning/above_threshold", runs=asked.runs, threshold=asked.threshold)
    wide = answer.rows.pivot(["image_source", "definition"], index="bottleneck_name", values="above_share")
    published = _shares(asked).rows.filter(measured_by="published")
    shares = {name: _published_above(rows) for (name,), rows in published.group_by("bottleneck_name")}
    wide = wide.with_columns(
        pl.Series("as published", [shares.get(name) for name in wide["bottleneck_name"]], pl.Float64)
    )
    measured = [name for name in wide.columns if name not in ("bottleneck_name", "as published")]
    columns = [
        Column("bottleneck_name", "bottleneck", draw=chips.layer),
        *(Column(name, _heading(name), "number", partial(numbers.percent, decimals=1)) for name in measured),
        Column("as published", "as published", "number", partial(numbers.percent, decimals=1)),
    ]
    with elements.section(
        f"Channels above {asked.threshold:.2f}", "both definitions", sql=answer.sql, rows=answer.rows
    ):
        tables.table(wide, columns, label="Share of channels above the threshold", most_px=_LISTED_PX)


def _heading(name: str) -> str:
    """Polars names a pivoted pair {"examples","added"}."""
    return " · ".join(part.strip('"') for part in name.strip("{}").split(","))


def _against_published(asked: Asked) -> None:
    """Ours against the published value, unit by unit."""
    answer = questions.answer(
        "learning/against_published", run=asked.run, definition=asked.definition, bottleneck=asked.bottleneck
    )
    note = f"{asked.bottleneck} · {number_of(len(answer.rows), 'channel')}"
    with elements.section("Ours against the published", note, sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.missing(
                f"No published values of {asked.bottleneck} beside ours", "ingest published FILE", "cw-tall"
            )
            return
        points = [
            scatter.Point(
                published,
                ours,
                f"{unit}: published {published:.3f}, ours {ours:.3f}",
                address("unit", unit=unit),
                unit if rank < 5 else "",
            )
            for rank, (unit, published, ours, _) in enumerate(answer.rows.iter_rows())
        ]
        across, upwards = scatter.Axis("published share →", -0.02, 1.02), scatter.Axis("↑ ours", -0.02, 1.02)
        elements.markup(scatter.plot(points, across, upwards, height_px=340, is_diagonal=True))


def _candidates(asked: Asked) -> None:
    """Units whose two branches bring different concepts, neither of them negligibly."""
    with st.spinner("weighing the evidence"):
        answer = questions.answer(
            "learning/candidates", run=asked.run, definition=asked.definition, bottleneck=asked.bottleneck
        )
    hidden = set(questions.answer("every_page/explicit_words").rows["stimulus_text"])
    note = f"{asked.bottleneck}: two concepts, one unit"
    with elements.section("Enrichment candidates", note, sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.missing("Candidates need pictures or words of the same model.", "ingest pictures", "cw-tall")
            return
        tables.table(
            answer.rows,
            [
                Column("enrichment_rank", "", "number"),
                Column("unit_name", "unit", draw=chips.unit),
                Column("enrichment_score", "score", "number"),
                Column("shortcut_share", "shortcut", "number", lambda share: numbers.written(share, ".2f")),
                Column("shortcut_unit", "brought by", draw=chips.unit),
                Column("shortcut_words", "its words", draw=lambda listed: _listed(listed, hidden)),
                Column("residual_unit", "convolutions", draw=chips.unit),
                Column("residual_words", "its words", draw=lambda listed: _listed(listed, hidden)),
                Column("shared_picture_count", "shared pictures", "number"),
                Column("shared_word_count", "shared words", "number"),
            ],
            label="Enrichment candidates",
            comments=warehouse_file.comments("enrichment_candidates"),
            most_px=_LISTED_PX,
        )


def _listed(words: list[str] | None, hidden: set[str]) -> str:
    return ", ".join(pictures.word(word, word in hidden) for word in (words or [])[:4])


def _page(runs: tuple[int, ...]) -> None:
    asked = _asked(questions.answer("learning/sources", runs=runs).rows, runs)
    elements.tab(asked.bottleneck, "Bottleneck learning")
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _distributions(asked)
        _side_by_side(asked)
    with right:
        _against_published(asked)
    _candidates(asked)


elements.page_head(
    "Bottleneck learning",
    "How much of each channel comes from the shortcut, and how much its bottleneck has learnt.",
    models.chosen_label(),
)
if runs := tuple(models.runs("shares")):
    _page(runs)
else:
    notices.empty(
        "No shortcut shares have been measured for this model",
        "The shares job measures both branches of every bottleneck on each unit's top pictures or features.",
        {
            "ingest pictures": "Top pictures of every unit, first",
            "ingest shares": "Then the shares, by both definitions",
        },
    )
