-- How true are predictions between two layers? One row per pair of layers, from the model's newest effects run that holds the pair.
-- The heat maps of page How true.
select
    run_id, lower_layer, upper_layer, picture_count, lower_unit_count, linear_correlation, linear_slope, linear_sign_share,
    linear_size_ratio, gated_correlation, gated_slope, gated_sign_share, gated_size_ratio
from all_runs.weight_truth
where run_id in (select run_id from runs where job_name = 'effects' and status = 'complete' and model_id = $model)
qualify row_number() over (partition by lower_layer, upper_layer order by run_id desc) = 1
order by lower_layer_order, upper_layer_order;
