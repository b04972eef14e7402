"""A picture's graph as an SVG file."""

from __future__ import annotations

from pathlib import Path

import warehouse
from dashboards.markup.circuit_svg import PLAIN
from dashboards.markup.naming import Named
from dashboards.markup.picture_graph import picture_graph, svg
from dashboards.reads import questions
from warehouse.errors import CannotWrite


def write_svg(path: Path, run_id: int, out: Path) -> None:
    """Draw an explain run into a file. Raises CannotWrite."""
    nodes, edges, cuts = (
        warehouse.query(f"from all_runs.picture_graph_{part} where run_id = $run_id", warehouse=path, run_id=run_id)
        for part in ("nodes", "edges", "cuts")
    )
    target, value = cuts.select("target", "target_value").row(0)
    names = warehouse.query(questions.written("picture/names_of_graph", run=run_id), warehouse=path)
    called = {unit: Named(name, trust, is_explicit) for unit, name, trust, is_explicit in names.iter_rows()}
    graph = picture_graph(target, value, nodes, edges, cuts, called)
    try:
        out.write_text(svg(graph, {}, PLAIN, f"What adds to {target}, gates frozen"), encoding="utf-8")
    except OSError as error:
        raise CannotWrite(out, error) from error
