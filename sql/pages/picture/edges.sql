-- Which units feed which? One row per edge between shown units of a stored graph.
-- Section Graph.
from all_runs.picture_graph_edges
where run_id = $run and edge_kind = 'unit';
