-- How does each unit respond to each stimulus of any kind? One row per run, stimulus and unit.
-- Source: definitions.md section 2. A stimulus is named by its text, its source, or '#' and its id: all three are in
-- stimuli, so a filter on any of them finds the stimulus first, and then reads its few row groups of activations.
create or replace view stimulus_activations as
select
    activations.run_id,
    stimuli.stimulus_id,
    stimuli.stimulus_kind,
    stimuli.stimulus_text,
    stimuli.source_uri,
    activations.unit_id,
    units.unit_name,
    layers.layer_name,
    activations.activation_mean,
    activations.activation_max,
from activations
inner join shown_runs on activations.run_id = shown_runs.run_id
inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
inner join units on activations.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id;
comment on view stimulus_activations is 'Every stimulus and unit, with names.';
comment on column stimulus_activations.run_id is 'Run that measured it.';
comment on column stimulus_activations.stimulus_id is 'Stimulus.';
comment on column stimulus_activations.stimulus_kind is 'word, picture, feature_visualization or typographic.';
comment on column stimulus_activations.stimulus_text is 'The word, or a picture''s caption.';
comment on column stimulus_activations.source_uri is 'Where a picture came from.';
comment on column stimulus_activations.unit_id is 'Unit.';
comment on column stimulus_activations.unit_name is 'Address of the unit.';
comment on column stimulus_activations.layer_name is 'Address of its layer.';
comment on column stimulus_activations.activation_mean is 'Activation averaged over all positions of the map.';
comment on column stimulus_activations.activation_max is 'Largest activation over all positions of the map.';
