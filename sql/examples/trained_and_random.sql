-- What did training do? The same statistics for each model and kind of weights in the file; the untrained control is --pretrained random.
select
    unit_bimodality.model_name,
    unit_bimodality.pretrained_tag,
    unit_bimodality.direction,
    unit_bimodality.gates,
    count(*) as set_count,
    median(unit_bimodality.sarle_coefficient) as sarle_median,
    avg((unit_bimodality.dip_p_value < 0.05)::integer) as bimodal_by_dip_share,
    median(unit_bimodality.zero_density_ratio) as zero_density_ratio_median,
from all_runs.unit_bimodality as unit_bimodality
inner join model_runs on unit_bimodality.run_id = model_runs.run_id
group by unit_bimodality.model_name, unit_bimodality.pretrained_tag, unit_bimodality.gates, unit_bimodality.direction
order by unit_bimodality.direction, unit_bimodality.pretrained_tag, unit_bimodality.gates;
