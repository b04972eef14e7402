"""What the picture page asks: pictures with strengths, their concepts by branch, stored graphs, and what units say."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dashboards.reads import questions
from dashboards.reads.questions import Answer

PICTURES = """select stimulus_id, stimulus_text as caption, source_uri, is_explicit
from picture_embeddings
inner join stimuli using (stimulus_id)
where run_id = $run
order by stimulus_text nulls last, stimulus_id"""
CONCEPTS = """select concept, cosine, shortcut_contribution, residual_contribution,
    position_contribution + constant_contribution as rest_contribution
from all_runs.picture_concepts
where run_id = $run and stimulus_id = $picture and (concept_rank <= $most or concept in $texts)
order by cosine desc"""
GRAPHS = """select run_id, stimulus_id, target
from graph_targets
where run_id in $runs and target_kind = 'text'
order by run_id desc"""
NODES = "from all_runs.picture_graph_nodes where run_id = $run and node_kind = 'output' "
NODES += "and (is_shown or attribution_rank <= 10)"
EDGES = "from all_runs.picture_graph_edges where run_id = $run and edge_kind = 'unit'"
CUTS = "from all_runs.picture_graph_cuts where run_id = $run"
SAYS = """select unit_name, string_agg(concept, ', ' order by concept_rank) as says
from all_runs.unit_words
where run_id = $run and unit_name in $units and concept_rank <= $most
group by unit_name"""
THUMBNAIL = "select thumbnail from thumbnails where stimulus_id = $picture"
SAYS_MOST = """select concept_rank, concept, projection, projection_above_mean
from all_runs.unit_words
where run_id in $runs and unit_name = $unit and concept_rank <= $most
order by concept_rank"""


def pictures(run: int) -> pl.DataFrame:
    return questions.answer(PICTURES, run=run).rows


def concepts(run: int, picture: int, most: int, texts: Sequence[str]) -> Answer:
    return questions.answer(CONCEPTS, run=run, picture=picture, most=most, texts=list(texts))


def stored_graph(runs: Sequence[int], picture: int | None, target: str | None) -> int | None:
    """The newest stored graph of that picture and target, of any where they are None."""
    found = questions.answer(GRAPHS, runs=list(runs)).rows
    if picture is not None:
        found = found.filter(pl.col("stimulus_id") == picture)
    if target is not None:
        found = found.filter(pl.col("target") == target)
    return found["run_id"][0] if len(found) else None


def graph_of(run: int) -> dict[str, object]:
    """The picture and target of a stored graph."""
    found = questions.answer(GRAPHS, runs=[run]).rows
    return found.row(0, named=True)


def graph(run: int) -> tuple[Answer, Answer, Answer]:
    """Nodes, edges and cuts of a stored graph."""
    nodes, edges, cuts = (questions.answer(sql, run=run) for sql in (NODES, EDGES, CUTS))
    return nodes, edges, cuts


def says(run: int, units: Sequence[str], most: int) -> dict[str, str]:
    """Unit -> the concepts that it says most, in one line."""
    return dict(questions.answer(SAYS, run=run, units=list(units), most=most).rows.iter_rows())


def thumbnail(picture: int) -> bytes | None:
    found = questions.answer(THUMBNAIL, picture=picture).rows
    return found.item() if len(found) else None
