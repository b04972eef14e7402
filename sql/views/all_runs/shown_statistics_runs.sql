-- Which runs do statistics of contributions come from, in schema all_runs? One row per complete contributions run, and per weights run without one.
-- Source: runs, as main's shown_statistics_runs.
create or replace view all_runs.shown_statistics_runs as
with kept as (
    select
        runs.run_id,
        runs.settings ->> '$.weights_settings_sha256' as weights_settings_sha256,
    from runs
    where runs.job_name = 'contributions' and runs.status = 'complete'
)

select
    kept.run_id,
    true as is_kept,
from kept
union all
select
    runs.run_id,
    false as is_kept,
from runs
left join kept on runs.settings_sha256 = kept.weights_settings_sha256
where runs.job_name = 'weights' and runs.status = 'complete' and kept.run_id is null;
comment on view all_runs.shown_statistics_runs is 'Every complete run that stores statistics of contributions, and every weights run without one.';
comment on column all_runs.shown_statistics_runs.run_id is 'Contributions run; if there is none, the weights run.';
comment on column all_runs.shown_statistics_runs.is_kept is 'Whether contribution_statistics has its rows; else they are computed from expanded_weights.';
