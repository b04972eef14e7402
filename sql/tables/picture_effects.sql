-- What effect has a connection on pictures, with their own gates? One row per run, lower unit and upper unit.
-- Source: definitions.md section 10; ingest/weights/gated.py: a gated weights run has one row for every pair, ordered as expanded_weights.
create table if not exists picture_effects (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    effect_mean float not null,
    effect_absolute_mean float not null,
);
comment on table picture_effects is 'Effect of a lower unit''s deviation from its mean on an upper unit''s read-out, with each picture''s own gates.';
comment on column picture_effects.run_id is 'Gated weights run.';
comment on column picture_effects.lower_unit_id is 'Unit the connection comes from.';
comment on column picture_effects.upper_unit_id is 'Unit that is read at the centre of its map.';
comment on column picture_effects.effect_mean is 'Average over pictures.';
comment on column picture_effects.effect_absolute_mean is 'Average over pictures of its absolute value.';
