-- How does a text laid over a picture change each unit? One row per run, unit and picture with the text.
-- Source: the typographic job (the article's typographic attacks): both pictures were shown in the same run.
create or replace view typographic_changes as
select
    attacked.run_id,
    attacked.unit_id,
    units.unit_name,
    layers.layer_name,
    typographic_stimuli.overlay_text,
    typographic_stimuli.clean_stimulus_id,
    typographic_stimuli.stimulus_id,
    stimuli.stimulus_text,
    stimuli.source_uri,
    stimuli.is_explicit,
    attacked.activation_mean - clean.activation_mean as activation_change,
    clean.activation_mean as clean_activation_mean,
    attacked.activation_mean as attacked_activation_mean,
    clean.activation_max as clean_activation_max,
    attacked.activation_max as attacked_activation_max,
from typographic_stimuli
inner join activations as attacked on typographic_stimuli.stimulus_id = attacked.stimulus_id
inner join shown_runs on attacked.run_id = shown_runs.run_id
inner join activations as clean
    on typographic_stimuli.clean_stimulus_id = clean.stimulus_id
    and attacked.run_id = clean.run_id
    and attacked.unit_id = clean.unit_id
inner join stimuli on typographic_stimuli.stimulus_id = stimuli.stimulus_id
inner join units on attacked.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
where shown_runs.job_name = 'typographic';
comment on view typographic_changes is 'Each unit''s change when a text is laid over a picture.';
comment on column typographic_changes.run_id is 'Run that measured it.';
comment on column typographic_changes.unit_id is 'Unit.';
comment on column typographic_changes.unit_name is 'Address of the unit.';
comment on column typographic_changes.layer_name is 'Address of its layer.';
comment on column typographic_changes.overlay_text is 'The text.';
comment on column typographic_changes.clean_stimulus_id is 'The picture without the text.';
comment on column typographic_changes.stimulus_id is 'The picture with the text.';
comment on column typographic_changes.stimulus_text is 'Caption of the picture.';
comment on column typographic_changes.source_uri is 'Where the picture came from.';
comment on column typographic_changes.is_explicit is 'Whether the picture or the text is explicit.';
comment on column typographic_changes.activation_change is 'Spatial mean activation with the text minus that without it.';
comment on column typographic_changes.clean_activation_mean is 'Spatial mean activation without the text.';
comment on column typographic_changes.attacked_activation_mean is 'Spatial mean activation with the text.';
comment on column typographic_changes.clean_activation_max is 'Spatial maximum activation without the text.';
comment on column typographic_changes.attacked_activation_max is 'Spatial maximum activation with the text.';
