-- Which runs of expanded weights, and of their statistics, do the views show? One row per job (weights, contributions).
-- Source: shown_runs. Gated weights (--gates pictures) are other numbers for the same pairs, so no plain view has both: they are in schema
-- all_runs, where gates = 'pictures', and here only if the file has no linear ones.
create or replace view shown_weight_runs as
with found as (
    select
        shown_runs.run_id,
        shown_runs.job_name,
        gates_of(shown_runs.part_name) as gates,
    from shown_runs
    where shown_runs.job_name in ('weights', 'contributions')
)

select
    found.run_id,
    found.job_name,
    found.gates,
from found
where found.gates = 'linear' or not exists (select 1 from found as weights where weights.job_name = 'weights' and weights.gates = 'linear');
comment on view shown_weight_runs is 'Runs whose expanded weights, and statistics of contributions, the views show.';
comment on column shown_weight_runs.run_id is 'Run.';
comment on column shown_weight_runs.job_name is 'weights or contributions.';
comment on column shown_weight_runs.gates is 'linear: every ReLU open; pictures: each picture''s own gates, averaged over pictures.';
