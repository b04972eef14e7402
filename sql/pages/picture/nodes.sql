-- What does each unit add? One row per unit that is drawn or among the ten strongest of its layer.
-- Sections Who says and Graph.
from all_runs.picture_graph_nodes
where run_id = $run and node_kind = 'output' and (is_shown or attribution_rank <= 10);
