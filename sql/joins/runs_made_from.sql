-- Which runs depend on run $run_id? One row per run: the run itself, and runs of statistics computed from its weights.
-- Source: warehouse/run_choices.py. The settings of a contributions run name the weights run that it was computed from.
select
    others.run_id,
    trim(others.job_name || ' ' || others.part_name) as job_name,
    others.status,
    others.settings_sha256,
from runs
inner join runs as others
    on others.run_id = runs.run_id
    or (others.job_name = 'contributions' and contains(others.settings, runs.settings_sha256))
where runs.run_id = $run_id
order by others.run_id <> runs.run_id, others.run_id;
