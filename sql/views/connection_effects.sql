-- What does replacing a lower unit do to an upper unit, predicted and in the real network? One row per run, lower unit and upper unit.
-- Source: definitions.md section 10: replaced by its mean over the pictures (or by zero: the run's settings), after minus before.
-- The newest run of trained weights and the newest of an untrained control are both shown (pretrained_tag).
create or replace view connection_effects as
select
    connection_sums.run_id,
    models.model_name,
    models.pretrained_tag,
    connection_sums.lower_unit_id,
    lower_units.unit_name as lower_unit,
    lower_layers.layer_name as lower_layer,
    connection_sums.upper_unit_id,
    upper_units.unit_name as upper_unit,
    upper_layers.layer_name as upper_layer,
    connection_sums.picture_count,
    connection_sums.linear_effect_sum / connection_sums.picture_count as linear_effect_mean,
    connection_sums.gated_effect_sum / connection_sums.picture_count as gated_effect_mean,
    connection_sums.gated_effect_absolute_sum / connection_sums.picture_count as gated_effect_absolute_mean,
    connection_sums.real_effect_sum / connection_sums.picture_count as real_effect_mean,
    connection_sums.real_effect_absolute_sum / connection_sums.picture_count as real_effect_absolute_mean,
from connection_sums
inner join shown_runs on connection_sums.run_id = shown_runs.run_id
inner join units as lower_units on connection_sums.lower_unit_id = lower_units.unit_id
inner join units as upper_units on connection_sums.upper_unit_id = upper_units.unit_id
inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id
inner join models on lower_layers.model_id = models.model_id;
comment on view connection_effects is 'Predicted and real effects of replacing lower units, averaged over pictures.';
comment on column connection_effects.run_id is 'Effects run.';
comment on column connection_effects.model_name is 'Model.';
comment on column connection_effects.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column connection_effects.lower_unit_id is 'Lower unit.';
comment on column connection_effects.lower_unit is 'Address of the unit that was replaced at all positions.';
comment on column connection_effects.lower_layer is 'Address of its layer.';
comment on column connection_effects.upper_unit_id is 'Upper unit.';
comment on column connection_effects.upper_unit is 'Address of the unit that is read at the centre of its map, before its own ReLU.';
comment on column connection_effects.upper_layer is 'Address of its layer.';
comment on column connection_effects.picture_count is 'Pictures that the averages are over.';
comment on column connection_effects.linear_effect_mean is 'Average effect that expanded weights predict, every ReLU open, in units of the read-out.';
comment on column connection_effects.gated_effect_mean is 'Average effect that each picture''s own gates predict.';
comment on column connection_effects.gated_effect_absolute_mean is 'Average of its absolute value.';
comment on column connection_effects.real_effect_mean is 'Average effect in the real network.';
comment on column connection_effects.real_effect_absolute_mean is 'Average of its absolute value.';
