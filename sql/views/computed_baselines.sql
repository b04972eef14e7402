-- What is each run's baseline, computed from its activations? One row per words run and unit.
-- Source: definitions.md section 2: the baseline text's activations, or their average over the run's words. Copied into
-- the table baseline_activations when a run is complete, so no page computes an average again.
create or replace view computed_baselines as
select
    activations.run_id,
    activations.unit_id,
    activations.activation_mean as baseline_activation_mean,
from activations
inner join runs
    on activations.run_id = runs.run_id
    and activations.stimulus_id = runs.baseline_stimulus_id
union all
select
    activations.run_id,
    activations.unit_id,
    avg(activations.activation_mean) as baseline_activation_mean,
from activations
inner join runs on activations.run_id = runs.run_id
where runs.job_name = 'words' and runs.baseline_stimulus_id is null
group by activations.run_id, activations.unit_id;
comment on view computed_baselines is 'Baseline activation of every unit, from the activations themselves.';
comment on column computed_baselines.run_id is 'Run.';
comment on column computed_baselines.unit_id is 'Unit.';
comment on column computed_baselines.baseline_activation_mean is 'Spatial mean activation on the baseline text, or its average over the run''s words.';
