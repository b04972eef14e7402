-- How does each unit respond to each word, before and after subtracting the baseline? One row per run, word and unit.
-- Source: definitions.md section 2 (channel difference engine). The baseline text itself has no row.
create or replace view word_activations as
select
    activations.run_id,
    models.model_name,
    activations.stimulus_id,
    stimuli.stimulus_text as word,
    stimuli.is_explicit,
    activations.unit_id,
    units.unit_name,
    layers.layer_name,
    activations.activation_mean - baseline_activations.baseline_activation_mean as activation_difference,
    activations.activation_mean,
    activations.activation_max,
    baseline_activations.baseline_activation_mean,
from activations
inner join shown_runs on activations.run_id = shown_runs.run_id
inner join runs on activations.run_id = runs.run_id
inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
inner join units on activations.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
inner join baseline_activations
    on activations.run_id = baseline_activations.run_id
    and activations.unit_id = baseline_activations.unit_id
where
    shown_runs.job_name = 'words'
    and activations.stimulus_id is distinct from runs.baseline_stimulus_id;
comment on view word_activations is 'Every word and unit with the channel difference.';
comment on column word_activations.run_id is 'Run that measured it.';
comment on column word_activations.model_name is 'Model.';
comment on column word_activations.stimulus_id is 'Stimulus of the word.';
comment on column word_activations.word is 'The word that was shown as a picture.';
comment on column word_activations.is_explicit is 'Whether the word is explicit.';
comment on column word_activations.unit_id is 'Unit.';
comment on column word_activations.unit_name is 'Address of the unit.';
comment on column word_activations.layer_name is 'Address of its layer.';
comment on column word_activations.activation_difference is 'Spatial mean activation on the word minus that on the baseline.';
comment on column word_activations.activation_mean is 'Spatial mean activation on the word, nothing subtracted.';
comment on column word_activations.activation_max is 'Spatial maximum activation on the word, nothing subtracted.';
comment on column word_activations.baseline_activation_mean is 'Spatial mean activation on the baseline.';
