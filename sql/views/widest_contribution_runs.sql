-- Which contributions run of a model covers most, for each kind of gates? One row per model and gates.
-- Source: runs; the one with the most rows, the newest of several.
create or replace view widest_contribution_runs as
select
    runs.model_id,
    runs.run_id,
    gates_of(runs.part_name) as gates,
from runs
where runs.job_name = 'contributions' and runs.status = 'complete'
qualify
    row_number() over (
        partition by runs.model_id, gates_of(runs.part_name)
        order by runs.row_count desc, runs.run_id desc
    ) = 1;
comment on view widest_contribution_runs is 'The contributions run of each model with the most rows, linear and gated.';
comment on column widest_contribution_runs.model_id is 'Model.';
comment on column widest_contribution_runs.run_id is 'Contributions run.';
comment on column widest_contribution_runs.gates is 'linear, or pictures: each picture''s own gates.';
