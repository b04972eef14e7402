-- What do the others and the constant add at each cut? One row per cut of a stored graph.
-- Section Graph.
from all_runs.picture_graph_cuts
where run_id = $run;
