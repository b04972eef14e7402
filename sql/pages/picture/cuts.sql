-- What is drawn at each depth, and what is left? One row per bottleneck's output.
-- Section Graph.
from all_runs.picture_graph_cuts
where run_id = $run;
