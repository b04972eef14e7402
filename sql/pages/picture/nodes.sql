-- Which units carry the answer? One row per shown unit of a block's output in a stored graph.
-- Section Graph.
from all_runs.picture_graph_nodes
where run_id = $run and node_kind = 'output'
    and (is_shown or attribution_rank <= 10);
