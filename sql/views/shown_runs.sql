-- Which runs do the other views show? One row per job and part: its newest complete run.
-- Schema all_runs holds every view a second time, over all complete runs (all_runs/shown_runs.sql).
create or replace view shown_runs as
select
    max_by(runs.run_id, runs.finished_at) as run_id,
    runs.job_name,
    runs.part_name,
from runs
where runs.status = 'complete'
group by runs.job_name, runs.part_name;
comment on view shown_runs is 'Newest complete run of each job and part; ask all_runs.<view> for the older ones.';
comment on column shown_runs.run_id is 'Run that the views show.';
comment on column shown_runs.job_name is 'Ingest job.';
comment on column shown_runs.part_name is 'Part of the job that the run covers; empty for a job without parts.';
