"""A picture's graph as an SVG file."""

from __future__ import annotations

from pathlib import Path

import warehouse
from dashboards.markup.circuit_svg import PLAIN
from dashboards.markup.picture_graph import picture_graph, svg
from warehouse.errors import CannotWrite


def write_svg(path: Path, run_id: int, out: Path) -> None:
    """Draw an explain run into a file. Raises CannotWrite."""
    nodes, edges, cuts = (
        warehouse.query(f"from all_runs.picture_graph_{part} where run_id = $run_id", warehouse=path, run_id=run_id)
        for part in ("nodes", "edges", "cuts")
    )
    target, value = cuts.select("target", "target_value").row(0)
    drawn = svg(picture_graph(target, value, nodes, edges, cuts), {}, PLAIN, f"What adds to {target}, gates frozen")
    try:
        out.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(out, error) from error
