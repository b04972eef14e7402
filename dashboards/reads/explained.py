"""What the picture page asks: pictures with strengths, their concepts by branch, stored graphs, and what units say."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dashboards.reads import questions
from dashboards.reads.questions import Answer


def pictures(run: int) -> pl.DataFrame:
    return questions.answer("picture/pictures", run=run).rows


def concepts(run: int, picture: int, most: int, texts: Sequence[str]) -> Answer:
    return questions.answer("picture/concepts", run=run, stimulus_id=picture, most=most, words=list(texts))


def stored_graph(runs: Sequence[int], picture: int | None, target: str | None) -> int | None:
    """The newest stored graph of that picture and target; None stands for any."""
    rows = questions.answer("picture/graphs", runs=list(runs)).rows
    if picture is not None:
        rows = rows.filter(pl.col("stimulus_id") == picture)
    if target is not None:
        rows = rows.filter(pl.col("target") == target)
    return rows["run_id"][0] if len(rows) else None


def graph_of(run: int) -> dict[str, object]:
    """The picture and target of a stored graph."""
    rows = questions.answer("picture/graphs", runs=[run]).rows
    return rows.row(0, named=True)


def graph(run: int) -> tuple[Answer, Answer, Answer]:
    """Nodes, edges and cuts of a stored graph."""
    nodes, edges, cuts = (
        questions.answer(name, run=run) for name in ("picture/nodes", "picture/edges", "picture/cuts")
    )
    return nodes, edges, cuts


def says(run: int, units: Sequence[str], most: int) -> dict[str, str]:
    """Unit -> the concepts that it says most, in one line."""
    return dict(questions.answer("picture/says", run=run, units=list(units), most=most).rows.iter_rows())


def thumbnail(picture: int) -> bytes | None:
    rows = questions.answer("picture/thumbnail", stimulus_id=picture).rows
    return rows.item() if len(rows) else None
