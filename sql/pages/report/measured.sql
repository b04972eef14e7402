-- What was measured of each model, and how much of it? One row per model and job, in the order of the runs.
-- Section What was measured.
select
    model_name || ' (' || pretrained_tag || ')' as model, job_name, sum(stimulus_count) as stimulus_count,
    sum(row_count) as row_count
from run_details
where status = 'complete' and model_name is not null
group by all
order by model, min(run_id);
