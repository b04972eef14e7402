-- What does replacing a lower unit do to an upper unit, summed over pictures? One row per run, lower unit and upper unit.
-- Source: definitions.md section 10; ingest/effects/. Every column merges with that of other pictures; the view
-- connection_effects turns sums into means.
create table if not exists connection_sums (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    picture_count integer not null,
    linear_effect_sum double not null,
    gated_effect_sum double not null,
    gated_effect_absolute_sum double not null,
    real_effect_sum double not null,
    real_effect_absolute_sum double not null,
);
comment on table connection_sums is 'Effects of replacing a lower unit on an upper unit''s read-out (after minus before), summed over pictures.';
comment on column connection_sums.run_id is 'Run that measured it.';
comment on column connection_sums.lower_unit_id is 'Unit that was replaced at all positions.';
comment on column connection_sums.upper_unit_id is 'Unit that is read at the centre of its map, before its own ReLU.';
comment on column connection_sums.picture_count is 'Pictures.';
comment on column connection_sums.linear_effect_sum is 'Sum over pictures of the effect that expanded weights predict, every ReLU open.';
comment on column connection_sums.gated_effect_sum is 'Sum over pictures of the effect that each picture''s own gates predict.';
comment on column connection_sums.gated_effect_absolute_sum is 'Sum of its absolute values.';
comment on column connection_sums.real_effect_sum is 'Sum over pictures of the effect in the real network.';
comment on column connection_sums.real_effect_absolute_sum is 'Sum of its absolute values.';
