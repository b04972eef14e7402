-- Which run represents each model? One row per model, job and part: its newest complete run.
-- Source: runs. shown_runs has one model for each job; pages where a person chooses the model take run ids from here
-- and query all_runs.<view>.
create or replace view model_runs as
select
    runs.model_id,
    models.model_name,
    models.pretrained_tag,
    runs.job_name,
    runs.part_name,
    max_by(runs.run_id, row(runs.finished_at, runs.run_id)) as run_id,
from runs
inner join models on runs.model_id = models.model_id
where runs.status = 'complete'
group by runs.model_id, models.model_name, models.pretrained_tag, runs.job_name, runs.part_name;
comment on view model_runs is 'Newest complete run of each model, job and part.';
comment on column model_runs.model_id is 'Model.';
comment on column model_runs.model_name is 'Name it was loaded by.';
comment on column model_runs.pretrained_tag is 'Where its weights came from.';
comment on column model_runs.job_name is 'Ingest job.';
comment on column model_runs.part_name is 'Part of the job that the run covers; empty for a job without parts.';
comment on column model_runs.run_id is 'The newest complete run.';
