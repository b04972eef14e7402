-- Which runs do the report's figures come from? One row per complete run.
-- Section Weights, settings and versions.
select
    run_details.run_id, run_details.job_name, run_details.part_name, run_details.model_name, run_details.pretrained_tag,
    run_details.row_count, run_details.device, run_details.dtype, run_details.finished_at, run_details.settings, runs.versions
from run_details
inner join runs on run_details.run_id = runs.run_id
where run_details.status = 'complete'
order by run_details.run_id;
