-- Do magnitude and mean rank pairs of units alike? Rank correlation towards the last convolution, by lower layer and model.
select
    measured.model_name || ' (' || measured.pretrained_tag || if(model_runs.part_name = 'gated', ', gated)', ')') as model,
    layer_details.layer_order,
    measured.lower_layer,
    measured.magnitude_mean_rank_correlation,
from all_runs.magnitude_mean_correspondence as measured
inner join model_runs on measured.run_id = model_runs.run_id
inner join layer_details
    on model_runs.model_id = layer_details.model_id
    and measured.lower_layer = layer_details.layer_name
where measured.upper_layer = '4/2/5'
order by model, layer_details.layer_order;
