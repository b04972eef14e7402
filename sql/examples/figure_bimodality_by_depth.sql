-- Are earlier units more bimodal towards the last convolution? Quartiles of each lower layer's units, and the share that the dip test calls bimodal, model by model.
select
    measured.model_name || ' (' || measured.pretrained_tag || if(model_runs.part_name = 'gated', ', gated)', ')') as model,
    layer_details.layer_order,
    measured.unit_layer as lower_layer,
    quantile_cont(measured.sarle_coefficient, 0.25) as sarle_lower_quartile,
    median(measured.sarle_coefficient) as sarle_median,
    quantile_cont(measured.sarle_coefficient, 0.75) as sarle_upper_quartile,
    avg((measured.dip_p_value < 0.05)::integer) as bimodal_by_dip_share,
from all_runs.unit_bimodality as measured
inner join model_runs on measured.run_id = model_runs.run_id
inner join layer_details
    on model_runs.model_id = layer_details.model_id
    and measured.unit_layer = layer_details.layer_name
where measured.direction = 'forward' and measured.other_layer = '4/2/5'
group by model, layer_details.layer_order, lower_layer
order by model, layer_details.layer_order;
