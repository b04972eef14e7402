-- How strongly did each unit respond to each stimulus? One row per run, stimulus and unit.
-- Source: definitions.md section 2; ingest/network/capture.py. Inside a shard rows are ordered by unit, then stimulus:
-- one unit or one stimulus is a few row groups. There is no key, which would make loading six times slower.
create table if not exists activations (
    run_id integer not null,
    stimulus_id integer not null,
    unit_id integer not null,
    activation_mean float not null,
    activation_max float not null,
);
comment on table activations is 'Activation of every unit on every stimulus of a run.';
comment on column activations.run_id is 'Run that measured it.';
comment on column activations.stimulus_id is 'Stimulus that was shown.';
comment on column activations.unit_id is 'Unit that was measured.';
comment on column activations.activation_mean is 'Activation averaged over all positions of the map.';
comment on column activations.activation_max is 'Largest activation over all positions of the map.';
