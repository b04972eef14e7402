-- Are contributions to 4/2/5 still bimodal with the gates of pictures? Median notch at zero of each lower layer's units, linear and gated.
select
    unit_bimodality.unit_layer as lower_layer,
    count(*) filter (where gates_of(runs.part_name) = 'pictures') as gated_unit_count,
    median(unit_bimodality.zero_density_ratio) filter (where gates_of(runs.part_name) = 'linear') as linear_notch_median,
    median(unit_bimodality.zero_density_ratio) filter (where gates_of(runs.part_name) = 'pictures') as gated_notch_median,
from all_runs.unit_bimodality
inner join model_runs on unit_bimodality.run_id = model_runs.run_id
inner join runs on model_runs.run_id = runs.run_id
inner join layers on runs.model_id = layers.model_id and unit_bimodality.unit_layer = layers.layer_name
where
    unit_bimodality.direction = 'forward'
    and unit_bimodality.other_layer = '4/2/5'
    and model_runs.pretrained_tag not like 'random-%'
group by unit_bimodality.unit_layer, layers.layer_order
having gated_unit_count > 0
order by layers.layer_order;
