-- What effect has each connection on pictures? One row per run, lower unit and upper unit, ranked inside the lower layer.
-- Source: definitions.md section 10; picture_effects, from a gated weights run. Filter on an upper unit, as with backward_contributions.
create or replace view effects_on_pictures as
select
    picture_effects.run_id,
    picture_effects.lower_unit_id,
    lower_units.unit_name as lower_unit,
    lower_layers.layer_name as lower_layer,
    picture_effects.upper_unit_id,
    upper_units.unit_name as upper_unit,
    upper_layers.layer_name as upper_layer,
    row_number() over (
        partition by
            picture_effects.run_id,
            picture_effects.upper_unit_id,
            upper_units.unit_name,
            upper_layers.layer_name,
            lower_layers.layer_name
        order by picture_effects.effect_absolute_mean desc, picture_effects.lower_unit_id
    ) as effect_rank,
    picture_effects.effect_mean,
    picture_effects.effect_absolute_mean,
from picture_effects
inner join shown_runs on picture_effects.run_id = shown_runs.run_id
inner join units as lower_units on picture_effects.lower_unit_id = lower_units.unit_id
inner join units as upper_units on picture_effects.upper_unit_id = upper_units.unit_id
inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id;
comment on view effects_on_pictures is 'Effects of connections on pictures with their gates: upper unit <- lower units.';
comment on column effects_on_pictures.run_id is 'Gated weights run.';
comment on column effects_on_pictures.lower_unit_id is 'Lower unit.';
comment on column effects_on_pictures.lower_unit is 'Address of the unit the connection comes from.';
comment on column effects_on_pictures.lower_layer is 'Address of its layer.';
comment on column effects_on_pictures.upper_unit_id is 'Upper unit.';
comment on column effects_on_pictures.upper_unit is 'Address of the unit that is driven.';
comment on column effects_on_pictures.upper_layer is 'Address of its layer.';
comment on column effects_on_pictures.effect_rank is 'Rank of the lower unit inside its layer by the absolute effect, 1 the largest.';
comment on column effects_on_pictures.effect_mean is 'Average over pictures of the effect that the lower unit''s deviation from its mean has on the read-out.';
comment on column effects_on_pictures.effect_absolute_mean is 'Average of its absolute value.';
