-- Which units of a layer does a stored text drive above the baseline, and of which model? One row per words run and unit.
-- Source: channel_difference, for ingest/commands/difference.py.
select
    differences.unit_name,
    differences.activation_difference,
    differences.target_activation_mean,
    differences.baseline_activation_mean,
    run_details.model_name || ' (' || run_details.pretrained_tag || ')' as model,
from channel_difference($word, $baseline) as differences
inner join run_details on differences.run_id = run_details.run_id
where differences.layer_name = $layer and run_details.job_name = 'words'
order by differences.activation_difference desc;
