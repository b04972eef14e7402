-- Are earlier units more bimodal towards the last convolution? Medians towards 4/2/5, by block.
select
    lower_layers.block_index as lower_block,
    count(*) as lower_unit_count,
    median(unit_bimodality.sarle_coefficient) as sarle_median,
    median(unit_bimodality.zero_density_ratio) as zero_density_ratio_median,
    avg((unit_bimodality.dip_p_value < 0.05)::integer) as bimodal_by_dip_share,
    count(*) - count(unit_bimodality.sarle_coefficient) as dead_count,
from unit_bimodality
inner join runs on unit_bimodality.run_id = runs.run_id
inner join layers as lower_layers
    on runs.model_id = lower_layers.model_id
    and unit_bimodality.unit_layer = lower_layers.layer_name
where unit_bimodality.direction = 'forward' and unit_bimodality.other_layer = '4/2/5'
group by lower_layers.block_index
order by lower_layers.block_index;
