-- Which runs are there, and how far did each get? One row per run, the newest first.
-- Section Runs.
select
    run_id, job_name, part_name, model_name, status, is_shown,
    loaded_shard_count, shard_count, stimulus_count, rejected_stimulus_count, row_count,
    started_at, duration_s, dtype, device, settings
from run_details
order by run_id desc;
