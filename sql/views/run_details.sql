-- What has been measured so far, and is anything unfinished? One row per run.
-- Source: runs, shards, run_stimuli.
create or replace view run_details as
with loaded as (
    select
        shards.run_id,
        count(*) as loaded_shard_count,
    from shards
    group by shards.run_id
),

given as (
    select
        run_stimuli.run_id,
        count(*) as stimulus_count,
        count(stimuli.error_message) as rejected_stimulus_count,
    from run_stimuli
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    group by run_stimuli.run_id
)

select
    runs.run_id,
    runs.job_name,
    runs.part_name,
    models.model_name,
    models.pretrained_tag,
    runs.status,
    coalesce(loaded.loaded_shard_count, 0) as loaded_shard_count,
    runs.shard_count,
    given.stimulus_count,
    given.rejected_stimulus_count,
    runs.row_count,
    runs.device,
    runs.dtype,
    runs.started_at,
    runs.finished_at,
    date_diff('second', runs.started_at, runs.finished_at) as duration_s,
    runs.settings,
    shown_runs.run_id is not null as is_shown,
    case
        when shown_runs.run_id is null then null
        when runs.run_id in (select run_choices.run_id from run_choices) then 'chosen'
        else 'newest'
    end as shown_because,
from runs
left join models on runs.model_id = models.model_id
left join loaded on runs.run_id = loaded.run_id
left join given on runs.run_id = given.run_id
left join shown_runs on runs.run_id = shown_runs.run_id;
comment on view run_details is 'Every run with its progress.';
comment on column run_details.run_id is 'Run.';
comment on column run_details.job_name is 'Ingest job.';
comment on column run_details.part_name is 'Part of the job that the run covers; empty for a job without parts.';
comment on column run_details.model_name is 'Model that was measured.';
comment on column run_details.pretrained_tag is 'Where its weights came from.';
comment on column run_details.status is 'running or complete.';
comment on column run_details.loaded_shard_count is 'Shards that are loaded.';
comment on column run_details.shard_count is 'Shards of the complete run.';
comment on column run_details.stimulus_count is 'Stimuli that the run was given.';
comment on column run_details.rejected_stimulus_count is 'Stimuli with an error, which have no activations.';
comment on column run_details.row_count is 'Rows in the fact tables.';
comment on column run_details.device is 'Device of the process that began the run.';
comment on column run_details.dtype is 'Arithmetic.';
comment on column run_details.started_at is 'When it began, UTC.';
comment on column run_details.finished_at is 'When it was complete, UTC; null while running.';
comment on column run_details.duration_s is 'Time from beginning to completion, seconds.';
comment on column run_details.settings is 'Everything that decides the numbers, as JSON.';
comment on column run_details.is_shown is 'Whether the views show this run: the newest complete one of its job and part, or the one chosen since.';
comment on column run_details.shown_because is 'newest or chosen (clip-warehouse show); null where the views show another run.';
