-- What does each unit add through another? One row per pair of drawn units.
-- Section Graph.
from all_runs.picture_graph_edges
where run_id = $run and edge_kind = 'unit';
