-- Which runs do the other views show? One row per job and part: its newest complete run, or one chosen later (run_choices).
-- Schema all_runs has every view a second time, over all complete runs (all_runs/shown_runs.sql).
create or replace view shown_runs as
with chosen as (
    select
        run_choices.run_id,
        max(run_choices.chosen_at) as chosen_at,
    from run_choices
    group by run_choices.run_id
)

select
    max_by(runs.run_id, row(coalesce(chosen.chosen_at, runs.finished_at), runs.run_id)) as run_id,
    runs.job_name,
    runs.part_name,
from runs
left join chosen on runs.run_id = chosen.run_id
where runs.status = 'complete'
group by runs.job_name, runs.part_name;
comment on view shown_runs is 'Newest complete run of each job and part, or the one chosen since; query all_runs.<view> for the others.';
comment on column shown_runs.run_id is 'Run that the views show.';
comment on column shown_runs.job_name is 'Ingest job.';
comment on column shown_runs.part_name is 'Part of the job that the run covers; empty for a job without parts.';
