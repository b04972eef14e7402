-- How true are predictions between two layers? One row: the newest effects run of the model that holds the pair.
-- The mark beside everything that is computed from expanded weights.
select picture_count, lower_unit_count, linear_correlation, gated_correlation
from all_runs.weight_truth
where lower_layer = $lower and upper_layer = $upper
    and run_id in (select run_id from runs where job_name = 'effects' and status = 'complete' and model_id = $model)
order by run_id desc
limit 1;
