-- Where do contributions turn bimodal? For each last convolution, the share of lower units of blocks 1 and 2 whose Sarle's coefficient rises most there, model by model.
select
    measured.model_name || ' (' || measured.pretrained_tag || if(model_runs.part_name = 'gated', ', gated)', ')') as model,
    measured.upper_layer_order as layer_order,
    measured.upper_layer,
    count(*) filter (where measured.is_largest_jump) / sum(count(*) filter (where measured.is_largest_jump)) over (
        partition by model
    ) as unit_share,
    median(measured.sarle_coefficient) as sarle_median,
from all_runs.bimodality_shift as measured
inner join model_runs on measured.run_id = model_runs.run_id
where left(measured.lower_layer, 1) in ('1', '2')
group by model, measured.upper_layer_order, measured.upper_layer
order by model, measured.upper_layer_order;
