-- How does each unit respond to each kept picture, in its own standard deviations? One row per run, kept picture and unit.
-- Source: definitions.md section 2. All pictures of a small set are kept, a uniform sample of a large one, the same for
-- every unit; average and standard deviation are those of all pictures (activation_moments).
create or replace view picture_activations as
select
    activations.run_id,
    models.model_name,
    activations.stimulus_id,
    activations.unit_id,
    units.unit_name,
    layers.layer_name,
    activations.activation_mean,
    activations.activation_max,
    (activations.activation_mean - activation_moments.activation_average)
    / nullif(activation_moments.activation_deviation, 0) as z_score,
from activations
inner join shown_runs on activations.run_id = shown_runs.run_id
inner join activation_moments
    on activations.run_id = activation_moments.run_id
    and activations.unit_id = activation_moments.unit_id
inner join units on activations.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
where shown_runs.job_name = 'pictures';
comment on view picture_activations is 'Every kept picture and unit with the standard score.';
comment on column picture_activations.run_id is 'Run that measured it.';
comment on column picture_activations.model_name is 'Model.';
comment on column picture_activations.stimulus_id is 'Picture.';
comment on column picture_activations.unit_id is 'Unit.';
comment on column picture_activations.unit_name is 'Address of the unit.';
comment on column picture_activations.layer_name is 'Address of its layer.';
comment on column picture_activations.activation_mean is 'Spatial mean activation.';
comment on column picture_activations.activation_max is 'Spatial maximum activation.';
comment on column picture_activations.z_score is 'activation_mean in standard deviations from the unit''s average over all pictures; null for a unit that never varies.';
