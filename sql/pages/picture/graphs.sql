-- Which pictures have a stored graph, for which text? One row per run, the newest first.
-- Section Graph: a stored one needs no model.
select run_id, stimulus_id, target
from graph_targets
where run_id in $runs and target_kind = 'text'
order by run_id desc;
