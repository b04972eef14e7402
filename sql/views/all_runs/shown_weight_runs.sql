-- Which runs of expanded weights, and of their statistics, do the views of schema all_runs show? One row per complete run.
-- Source: shown_runs of that schema, as main's shown_weight_runs.
create or replace view all_runs.shown_weight_runs as
select
    shown_runs.run_id,
    shown_runs.job_name,
    gates_of(shown_runs.part_name) as gates,
from all_runs.shown_runs
where shown_runs.job_name in ('weights', 'contributions');
comment on view all_runs.shown_weight_runs is 'Every complete run of expanded weights and of statistics of contributions, linear and gated.';
comment on column all_runs.shown_weight_runs.run_id is 'Run.';
comment on column all_runs.shown_weight_runs.job_name is 'weights or contributions.';
comment on column all_runs.shown_weight_runs.gates is 'linear: every ReLU open; pictures: each picture''s own gates, averaged over pictures.';
