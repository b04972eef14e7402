"""A graph by the names of its units, with the columns of the views picture_graph_nodes, _edges and _cuts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.explanations.graph import Cut, Edges, Graph

_STRONGEST = 10


@dataclass(frozen=True)
class Listed:
    """What a drawing of a graph needs: its shown units, the edges between them, and the sums of each cut."""

    nodes: pl.DataFrame
    edges: pl.DataFrame
    cuts: pl.DataFrame


def listed(graph: Graph) -> Listed:
    """The shown part of a graph, and each cut's strongest units in any case; the rest is in the sums of the cuts."""
    between = zip(graph.edges, graph.cuts[:-1], graph.cuts[1:], strict=True)
    edges = [row for edge, upper, lower in between for row in _edges(edge, upper, lower)]
    cuts = [_cut(cut, order, graph) for order, cut in enumerate(reversed(graph.cuts))]
    nodes = [row for cut in graph.cuts for row in _nodes(cut)]
    columns = {"lower_unit": pl.String, "upper_unit": pl.String, "edge_kind": pl.String, "attribution": pl.Float64}
    columns |= {"shortcut_attribution": pl.Float64, "residual_attribution": pl.Float64}
    return Listed(
        pl.DataFrame(nodes, schema_overrides={"attribution_map": pl.List(pl.Float64)}, infer_schema_length=None),
        pl.DataFrame(edges, schema=columns),
        pl.DataFrame(cuts),
    )


def _nodes(cut: Cut) -> list[dict[str, object]]:
    maps = {channel: cut.maps[row].flatten().tolist() for row, channel in enumerate(cut.shown.tolist())}
    strongest = cut.attributions.abs().topk(min(_STRONGEST, len(cut.attributions))).indices.tolist()
    return [
        {
            "unit_name": f"{cut.layer_name}/{channel}",
            "layer_name": cut.layer_name,
            "node_kind": "output",
            "attribution": float(cut.attributions[channel]),
            "shortcut_attribution": float(cut.shortcut[channel]),
            "residual_attribution": float(cut.residual[channel]),
            "is_shown": channel in maps,
            "map_height": cut.maps.shape[1],
            "map_width": cut.maps.shape[2],
            "attribution_map": maps.get(channel),
        }
        for channel in dict.fromkeys([*maps, *strongest])
    ]


def _edges(between: Edges, upper: Cut, lower: Cut) -> list[dict[str, object]]:
    return [
        {
            "lower_unit": f"{lower.layer_name}/{source}",
            "upper_unit": f"{upper.layer_name}/{channel}",
            "edge_kind": "unit",
            "attribution": float(between.attributions[row, source]),
            "shortcut_attribution": float(between.shortcut[row, source]),
            "residual_attribution": float(between.residual[row, source]),
        }
        for row, channel in enumerate(upper.shown.tolist())
        for source in lower.shown.tolist()
    ]


def _cut(cut: Cut, order: int, graph: Graph) -> dict[str, object]:
    total, shown = float(cut.attributions.sum()), float(cut.attributions[cut.shown].sum())
    return {
        "target": graph.target.name,
        "target_value": graph.target.value,
        "layer_name": cut.layer_name,
        "layer_order": order,
        "unit_count": len(cut.attributions),
        "shown_count": len(cut.shown),
        "shown_attribution": shown,
        "others_attribution": total - shown,
        "constant_attribution": cut.constant,
    }
