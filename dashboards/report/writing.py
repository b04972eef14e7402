"""The report as files: asks the warehouse, draws, writes one HTML page, and the figures as SVG and PNG.

All is asked over one connection, closed before anything is drawn: opening one costs more than most questions, and no
ingest can load while it is open.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from html import escape
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
from matplotlib.figure import Figure

import warehouse
from dashboards.report import document
from dashboards.report.contents import CASES, FIGURES, Case, Drawn
from warehouse.errors import CannotWrite, UsageError
from warehouse.reading import query_on
from warehouse.schema import SQL

_PROGRAM = "clip-circuits-warehouse"
_TITLE = "CLIP Enrichment Circuits, tested on the weights"
_PNG_DPI = 200
_SECONDS = 300.0
_OPENING = 3  # figures that a reader sees before anything else
# Text stays text in SVG; the salt makes the ids of clip paths, and so the file, the same every time.
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": _PROGRAM,
    "text.parse_math": False,
    "font.family": ["DejaVu Sans", "sans-serif"],
}
_Ask = Callable[..., pl.DataFrame]  # one statement, with its parameters by name


def write_report(path: Path, out: Path) -> None:
    """Write the page. Raises what warehouse.query raises, and CannotWrite."""
    _write(out, report(path).encode())


def require_writable(out: Path, warehouse_file: Path) -> None:
    """Find out before the work whether a report can be written. Raises CannotWrite, or UsageError for the warehouse."""
    if out.resolve() == warehouse_file.resolve():
        raise UsageError(f"{out} is the warehouse itself: name another file for the report")
    is_new = not out.exists()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.open("ab").close()
        if is_new:
            out.unlink()
    except OSError as error:
        raise CannotWrite(out, error) from error


def write_figures(path: Path, folder: Path) -> int:
    """Write each figure that has data as NAME.svg and NAME.png; how many. Raises CannotWrite."""
    with _asking(path) as ask:
        answers = _answers(ask)
    for drawn, rows in answers:
        figure = _figure(drawn, rows)
        _write(folder / f"{drawn.example}.svg", _saved(figure, "svg"))
        _write(folder / f"{drawn.example}.png", _saved(figure, "png"))
    return len(answers)


def report(path: Path) -> str:
    """The page as text."""
    with _asking(path) as ask:
        models = ask(_question("models"))
        claims = ask(_example("claims_by_model")).rows(named=True)
        measured = ask(_question("measured")).rows(named=True)
        in_short = ask(_question("in_short")).rows(named=True)
        cases, methods, answers = _cases_section(ask), _methods_section(ask, models), _answers(ask)
    names = [f"{model} ({tag})" for model, tag, *_ in models.rows()]
    opening, further = _drawn_sections(answers)
    parts = [
        document.heading(names, f"{datetime.now(UTC):%Y-%m-%d %H:%M}", _program()),
        document.measured(measured),
        document.verdict_counts(claims),
        document.in_short(in_short, _question("in_short")),
        opening,
        cases,
        further,
        document.claims_table(claims, _example("claims_by_model")),
        methods,
    ]
    return document.page(_TITLE, Path(__file__).with_name("report.css").read_text(encoding="utf-8"), parts)


def _drawn_sections(answers: Sequence[tuple[Drawn, pl.DataFrame]]) -> tuple[str, str]:
    """The first figures, for the opening; and all others, with what is missing."""
    figures = [
        document.figure(index, drawn.title, drawn.caption, _inline(_figure(drawn, rows)), _example(drawn.example))
        for index, (drawn, rows) in enumerate(answers, start=1)
    ]
    missing = "; ".join(drawn.title for drawn in FIGURES if drawn not in [drawn for drawn, _ in answers])
    said = f'<p class="untested">Nothing is measured yet for: {escape(missing)}.</p>' if missing else ""
    first, others = "".join(figures[:_OPENING]), "".join(figures[_OPENING:])
    return f"<section>{first}</section>", f"<section><h2>Further figures</h2>{others}{said}</section>"


def _cases_section(ask: _Ask) -> str:
    body = "".join(_case(ask, case) for case in CASES)
    return (
        "<section><h2>Case studies</h2><p>Units that the article takes apart in RN50. In other weights a unit with the "
        "same address means something else; it is shown to compare. Grey numbers: the mean expanded weight of a "
        "contributor, the activation on a picture and, above the baseline, on a word, the share of the shortcut.</p>"
        f'<div class="cases">{body}</div></section>'
    )


def _case(ask: _Ask, case: Case) -> str:
    query = _example(case.example)
    comment = [line.removeprefix("-- ") for line in query.splitlines() if line.startswith("-- ")]
    facts = ask(query).rows(named=True)
    told = [
        (label, _picture(ask, model_id, case.unit), list(rows))
        for (model_id, label), rows in groupby(facts, key=lambda row: (row["model_id"], row["model"]))
    ]
    return document.case(case.title, case.unit, " ".join(comment[1:]), told, query)


def _picture(ask: _Ask, model_id: int | None, unit: str) -> bytes | None:
    """The unit's feature visualisation, as it was made here."""
    images = ask(_question("case_picture"), unit=unit, model_id=model_id)
    return images.item() if len(images) else None


def _methods_section(ask: _Ask, models: pl.DataFrame) -> str:
    runs = ask(_question("runs"))
    shown = runs.drop("settings", "versions").with_columns(pl.col("finished_at").dt.strftime("%Y-%m-%d %H:%M"))
    return (
        "<section><h2>Weights, settings and versions</h2>"
        + f'<div class="hash">{document.table(models.columns, models.rows())}</div>'
        + document.table(shown.columns, shown.rows())
        + document.settings_folds(runs.rows(named=True))
        + "</section>"
    )


def _answers(ask: _Ask) -> list[tuple[Drawn, pl.DataFrame]]:
    """The figures that have something to show, with it."""
    return [(drawn, rows) for drawn in FIGURES if len(rows := ask(_example(drawn.example)))]


def _figure(drawn: Drawn, rows: pl.DataFrame) -> Figure:
    with mpl.rc_context(_STYLE):
        return drawn.draw(rows)


@contextmanager
def _asking(path: Path) -> Iterator[_Ask]:
    with warehouse.read(path) as connection:
        yield partial(query_on, connection, time_limit_s=_SECONDS)


def _question(name: str) -> str:
    return (SQL / "pages" / "report" / f"{name}.sql").read_text(encoding="utf-8")


def _example(name: str) -> str:
    return (SQL / "examples" / f"{name}.sql").read_text(encoding="utf-8")


def _inline(figure: Figure) -> str:
    """The SVG element alone, without the head that only a file of its own has."""
    text = _saved(figure, "svg").decode()
    return text[text.index("<svg") :]


def _saved(figure: Figure, kind: str) -> bytes:
    written = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(written, format=kind, dpi=_PNG_DPI, metadata={"Date": None} if kind == "svg" else {})
    return written.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CannotWrite(path, error) from error


def _program() -> str:
    try:
        return f"{_PROGRAM} {version(_PROGRAM)}"
    except PackageNotFoundError:
        return f"{_PROGRAM} (checkout)"
