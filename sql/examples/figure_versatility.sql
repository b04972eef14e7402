-- Do earlier units serve more upper units? Median share of upper units of the last convolution that a lower unit hardly touches, and median magnitude, by lower layer and model.
select
    measured.model_name || ' (' || measured.pretrained_tag || if(model_runs.part_name = 'gated', ', gated)', ')') as model,
    layer_details.layer_order,
    measured.lower_layer,
    median(measured.near_zero_share) as near_zero_share_median,
    median(abs(measured.sign_balance)) as sign_imbalance_median,
    median(measured.weight_magnitude_mean) as weight_magnitude_median,
from all_runs.unit_versatility as measured
inner join model_runs on measured.run_id = model_runs.run_id
inner join layer_details
    on model_runs.model_id = layer_details.model_id
    and measured.lower_layer = layer_details.layer_name
where measured.upper_layer = '4/2/5'
group by model, layer_details.layer_order, measured.lower_layer
order by model, layer_details.layer_order;
