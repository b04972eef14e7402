-- What does the channel difference engine subtract from a unit's activations? One row per run and unit.
-- Source: definitions.md section 2; filled when the run is complete, from its baseline text or the average over its stimuli.
create table if not exists baseline_activations (
    run_id integer not null,
    unit_id integer not null,
    baseline_activation_mean float not null,
);
comment on table baseline_activations is 'Each unit''s activation on the run''s baseline.';
comment on column baseline_activations.run_id is 'Run.';
comment on column baseline_activations.unit_id is 'Unit.';
comment on column baseline_activations.baseline_activation_mean is 'Spatial mean activation on the baseline text, or its average over the run''s stimuli.';
