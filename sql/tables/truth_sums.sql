-- How well are the effects of a lower unit predicted? One row per run, lower unit and upper layer.
-- Source: definitions.md section 10; ingest/effects/sums.py. Sums over upper units and pictures, which merge; the view weight_truth
-- turns them into correlations.
create table if not exists truth_sums (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_layer_id integer not null,
    picture_count integer not null,
    triple_count bigint not null,
    linear_sum double not null,
    linear_square_sum double not null,
    linear_absolute_sum double not null,
    gated_sum double not null,
    gated_square_sum double not null,
    gated_absolute_sum double not null,
    real_sum double not null,
    real_square_sum double not null,
    real_absolute_sum double not null,
    real_nonzero_count bigint not null,
    linear_real_product_sum double not null,
    linear_sign_count bigint not null,
    gated_real_product_sum double not null,
    gated_sign_count bigint not null,
);
comment on table truth_sums is 'Sums over (upper unit, picture) of predicted and real effects of replacing a lower unit.';
comment on column truth_sums.run_id is 'Run that measured it.';
comment on column truth_sums.lower_unit_id is 'Unit that was replaced.';
comment on column truth_sums.upper_layer_id is 'Layer whose units were read.';
comment on column truth_sums.picture_count is 'Pictures.';
comment on column truth_sums.triple_count is 'Upper units times pictures.';
comment on column truth_sums.linear_sum is 'Sum of the effect that expanded weights predict.';
comment on column truth_sums.linear_square_sum is 'Sum of its squares.';
comment on column truth_sums.linear_absolute_sum is 'Sum of its absolute values.';
comment on column truth_sums.gated_sum is 'Sum of the effect that each picture''s own gates predict.';
comment on column truth_sums.gated_square_sum is 'Sum of its squares.';
comment on column truth_sums.gated_absolute_sum is 'Sum of its absolute values.';
comment on column truth_sums.real_sum is 'Sum of the real effect.';
comment on column truth_sums.real_square_sum is 'Sum of its squares.';
comment on column truth_sums.real_absolute_sum is 'Sum of its absolute values.';
comment on column truth_sums.real_nonzero_count is 'How many real effects are not zero; signs are compared there.';
comment on column truth_sums.linear_real_product_sum is 'Sum of the effect that expanded weights predict times the real effect.';
comment on column truth_sums.linear_sign_count is 'How many of them have the sign of a real effect that is not zero.';
comment on column truth_sums.gated_real_product_sum is 'Sum of the effect that each picture''s own gates predict times the real effect.';
comment on column truth_sums.gated_sign_count is 'How many of them have the sign of a real effect that is not zero.';
