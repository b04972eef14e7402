"""The report's markup: answers to queries in, pieces of one HTML page out. Everything that was read is escaped."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from dashboards.markup.numbers import four_digits
from warehouse.wording import number_of

_CLASS = {"agrees": "agrees", "differs": "differs", "compares": "compares"}
_FROM_FILES = "as published"

Row = Mapping[str, Any]


def page(title: str, css: str, parts: Sequence[str]) -> str:
    """One self-contained page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def heading(models: Sequence[str], written_at: str, program: str) -> str:
    named = ", ".join(models) or "no model yet"
    return (
        "<header><h1>CLIP Enrichment Circuits, tested on the weights</h1>"
        f'<p class="lead">{escape(named)} \N{MIDDLE DOT} {escape(written_at)} UTC \N{MIDDLE DOT} {escape(program)}</p>'
        "<p>What the article of Hough, Liu, Ryan and Voss (2021) says about CLIP RN50 in numbers or in sentences that "
        "can be checked, beside what was measured here. Every figure and every claim comes with the query that gives "
        "it; any DuckDB shell runs it on the warehouse file.</p></header>"
    )


def measured(jobs: Sequence[Row]) -> str:
    """What was measured, one line per model."""
    lines = "".join(
        f"<li><b>{escape(model)}</b> {escape(', '.join(map(_amount, rows)))}</li>"
        for model, rows in groupby(jobs, key=lambda job: job["model"])
    )
    return f"<section><h2>What was measured</h2><ul>{lines or '<li>Nothing yet.</li>'}</ul></section>"


def _amount(job: Row) -> str:
    """`words: 9,113`, or the rows of a job that shows nothing."""
    if job["stimulus_count"]:
        return f"{job['job_name']}: {job['stimulus_count']:,}"
    return f"{job['job_name']}: {number_of(job['row_count'], 'row')}"


def in_short(claims: Sequence[Row], query: str) -> str:
    """At most ten lines: a claim of each kind, what was published and what was found."""
    lines = "".join(
        f"<li>{escape(claim['claim'])} <b>{four_digits(claim['our_value'])}</b> in {escape(claim['model'])}; "
        f"{_wanted_in_words(claim)}: {_verdict(claim)}</li>"
        for claim in claims
    )
    said = f"<ol>{lines}</ol>" if lines else '<p class="untested">No claim can be tested yet.</p>'
    return f"<section><h2>In short</h2>{said}{fold('The query of these lines', query)}</section>"


def _wanted_in_words(claim: Row) -> str:
    wanted = _wanted(claim).replace("<small>", " ").replace("</small>", "")
    return f"OpenAI's {escape(claim['claimed_of'])} {wanted}"


def _verdict(claim: Row) -> str:
    return f'<span class="{_CLASS.get(claim["verdict"], "untested")}">{escape(claim["verdict"])}</span>'


def verdict_counts(claims: Sequence[Row]) -> str:
    """How many claims agree, differ and cannot be tested, a row of tiles for each model."""
    answers = [answer for claim in claims for answer in claim["answers"]]
    tiles = ""
    for model in dict.fromkeys(answer["model"] for answer in answers if answer["model"]):
        counts = Counter(answer["verdict"] for answer in answers if answer["model"] == model)
        is_own = counts["agrees"] + counts["differs"] > 0
        agree = number_of(counts["agrees"], "agrees", "agree")
        said = agree if is_own else number_of(counts["compares"], "compares", "compare")
        beside = f"{number_of(counts['differs'], 'differs', 'differ')}, " if is_own else ""
        tiles += (
            f"<li><span>{escape(model)}</span><strong>{said}</strong>"
            f"<span>{beside}{counts['cannot be tested yet']} not tested</span></li>"
        )
    return f'<ul class="counts">{tiles}</ul>'


def claims_table(claims: Sequence[Row], queries: str) -> str:
    """Every claim with the published value and each model's."""
    models = list(
        dict.fromkeys(
            answer["model"]
            for claim in claims
            for answer in claim["answers"]
            if answer["model"] and _FROM_FILES not in answer["model"]
        )
    )
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in models or ["here"])
    body = "".join(_claim_row(claim, models or ["here"]) for claim in claims)
    return (
        "<section><h2>Claims</h2><p>Every checkable sentence of the article. “Wanted” is the published value and how "
        "far off still agrees, or a bound where the article gives an order or a trend. “With gates” is the same figure "
        "of weights behind each picture's own gates, where they are measured. The grey lines give the reason for the "
        "tolerance, or what is missing, then what is measured and by which query. Only the model that a claim is about "
        "can agree or differ; other weights only compare.</p>"
        f'<table><thead><tr><th>#</th><th>claim</th><th class="number">wanted</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{fold('The query of this table', queries)}</section>"
    )


def _claim_row(claim: Row, models: Sequence[str]) -> str:
    answers = {answer["model"]: answer for answer in claim["answers"]}
    on_a_file = [answer for name, answer in answers.items() if name and _FROM_FILES in name]
    cells = "".join(f'<td class="number">{_answer(answers.get(model) or answers.get(None))}</td>' for model in models)
    if on_a_file:
        said = f"{_answer(on_a_file[0])}<small>in the repository's files</small>"
        cells = f'<td class="number" colspan="{len(models)}">{said}</td>'
    measure = f"{claim['measure']} \N{MIDDLE DOT} {claim['example_name']}.sql"
    return (
        f"<tr><td>{claim['finding_index']}</td><td>{escape(claim['claim'])}<small>{escape(_why(claim))}</small>"
        f'<small class="measure">{escape(measure)}</small></td><td class="number">{_wanted(claim)}</td>{cells}</tr>'
    )


def _wanted(claim: Row) -> str:
    """The published value and its tolerance; only the bound where the article gives an order or a trend."""
    value, slack = claim["published_value"], claim["tolerance"]
    if claim["comparison"] == "at least":
        return f"\N{GREATER-THAN OR EQUAL TO} {four_digits(value - slack)}"
    if claim["comparison"] == "at most":
        return f"\N{LESS-THAN OR EQUAL TO} {four_digits(value + slack)}"
    said = f"\N{PLUS-MINUS SIGN} {four_digits(slack)}" if slack else "exactly"
    return f"{four_digits(value)}<small>{said}</small>"


def _answer(answer: Row | None) -> str:
    if answer is None or answer["value"] is None:
        return '<span class="untested">not tested</span>'
    look = _CLASS.get(answer["verdict"], "untested")
    said = answer["verdict"] if look != "untested" else "not tested"
    gated = "" if answer["gated_value"] is None else f"<small>{four_digits(answer['gated_value'])} with gates</small>"
    return f'{four_digits(answer["value"])}<small class="{look}">{escape(said)}</small>{gated}'


def _why(claim: Row) -> str:
    """The reason for the tolerance where something was measured, else what is missing."""
    reasons = sorted(claim["answers"], key=lambda answer: answer["value"] is None)
    return reasons[0]["reason"] or ""


def figure(index: int, title: str, caption: str, svg: str, query: str) -> str:
    title = title if title.endswith("?") else f"{title}."
    return (
        f"<figure>{svg}<figcaption><b>Figure {index}. {escape(title)}</b> {escape(caption)}</figcaption>"
        f"{fold('The query of this figure', query)}</figure>"
    )


Told = tuple[str, bytes | None, Sequence[Row]]  # whose facts, its feature visualisation, the facts


def case(title: str, unit: str, said: str, told: Sequence[Told], query: str) -> str:
    """A case study: what the article says, and what is known here about each model's unit of this address."""
    parts = "".join(_told(unit, *one) for one in told)
    nothing = '<p class="untested">Nothing has been measured of this unit in this file.</p>'
    return (
        f'<article class="case"><h3>{escape(title)}<code>{escape(unit)}</code></h3><p class="said">{escape(said)}</p>'
        f"{parts or nothing}{fold('The query of this case', query)}</article>"
    )


def _told(unit: str, whose: str, picture: bytes | None, facts: Sequence[Row]) -> str:
    listed = "".join(
        f"<dt>{escape(fact)}</dt><dd>{''.join(map(_fact, rows))}</dd>"
        for fact, rows in groupby(facts, key=lambda row: row["fact"])
    )
    shown = f'<img alt="Feature visualisation of {escape(unit)}" src="{_data_uri(picture)}">' if picture else ""
    return f'<h4>{escape(whose)}</h4><div class="body">{shown}<dl>{listed}</dl></div>'


def _fact(row: Row) -> str:
    value = "" if row["fact_value"] is None else f" <i>{four_digits(row['fact_value'])}</i>"
    return f"<span>{escape(str(row['fact_text']))}{value}</span> "


def _data_uri(picture: bytes) -> str:
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg" if picture.startswith(b"\xff\xd8") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, int | float):
        return f'<td class="number">{four_digits(value)}</td>'
    return f"<td>{escape('' if value is None else str(value))}</td>"


def settings_folds(runs: Sequence[Row]) -> str:
    """Settings and versions of each run, one fold a run."""
    return "".join(
        fold(
            f"Settings of run {run['run_id']}, {run['job_name']} {run['part_name']}".rstrip(),
            json.dumps({"settings": json.loads(run["settings"]), "versions": json.loads(run["versions"])}, indent=2),
        )
        for run in runs
    )


def fold(summary: str, text: str) -> str:
    return f"<details><summary>{escape(summary)}</summary><pre>{escape(text)}</pre></details>"
