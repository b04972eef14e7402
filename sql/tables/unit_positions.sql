-- What does the attention pool add to a unit at each token, on every picture? One row per run and unit.
-- Source: definitions.md section 11: the pool's positional embedding. Token 0 is the mean over the map, then its positions.
create table if not exists unit_positions (
    run_id integer not null,
    unit_id integer not null,
    position_embedding float[] not null,
);
comment on table unit_positions is 'Positional embedding of the attention pool: the part of a strength that comes from no unit.';
comment on column unit_positions.run_id is 'Logits run.';
comment on column unit_positions.unit_id is 'Unit of the last bottleneck''s output.';
comment on column unit_positions.position_embedding is 'Positional embedding of the unit at each token.';
