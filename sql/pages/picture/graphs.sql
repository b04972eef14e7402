-- Which graphs of texts are stored? One row per run.
-- Decides whether the graph is read from the warehouse or computed with the model.
select run_id, stimulus_id, target
from graph_targets
where run_id in $runs and target_kind = 'text'
order by run_id desc;
