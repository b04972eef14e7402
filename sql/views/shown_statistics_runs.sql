-- Which runs do statistics of contributions come from? One row: the run that stored them, else the weights run, from which they are computed.
-- Source: shown_weight_runs, linear or else gated; a contributions run's settings name its weights run. Only one run: if
-- the newest weights run has none yet, those of an older one are not shown. For all see schema all_runs (all_runs/shown_statistics_runs.sql).
create or replace view shown_statistics_runs as
with kept as (
    select runs.settings ->> '$.weights_settings_sha256' as weights_settings_sha256,
    from runs
    where runs.job_name = 'contributions' and runs.status = 'complete'
),

unkept as (
    select
        shown_weight_runs.run_id,
        shown_weight_runs.gates,
    from shown_weight_runs
    inner join runs on shown_weight_runs.run_id = runs.run_id
    left join kept on runs.settings_sha256 = kept.weights_settings_sha256
    where shown_weight_runs.job_name = 'weights' and kept.weights_settings_sha256 is null
)

select
    shown_weight_runs.run_id,
    true as is_kept,
from shown_weight_runs
left join unkept on shown_weight_runs.gates = unkept.gates
where shown_weight_runs.job_name = 'contributions' and unkept.run_id is null
union all
select
    unkept.run_id,
    false as is_kept,
from unkept;
comment on view shown_statistics_runs is 'Runs whose statistics of contributions the views show.';
comment on column shown_statistics_runs.run_id is 'Contributions run; where it is not kept, the weights run.';
comment on column shown_statistics_runs.is_kept is 'Whether contribution_statistics has its rows; else they are computed from expanded_weights.';
