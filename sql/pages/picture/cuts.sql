-- What is drawn at each depth, and how much is left out? One row per bottleneck's output.
-- Section Graph.
from all_runs.picture_graph_cuts
where run_id = $run;
