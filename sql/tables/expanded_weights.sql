-- How strongly is each lower unit connected to each upper unit? One row per run, lower unit and upper unit.
-- Source: definitions.md section 3; ingest/expansion/expanded_weights.py. Inside a shard (a block of upper channels) rows are
-- ordered by lower unit, then upper unit: a unit's contributors, or its targets, are a few row groups.
create table if not exists expanded_weights (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    weight_sum float not null,
    weight_l1 float not null,
    weight_l2 float not null,
);
comment on table expanded_weights is 'Expanded weights between units, reduced over the positions of their support.';
comment on column expanded_weights.run_id is 'Run that computed it.';
comment on column expanded_weights.lower_unit_id is 'Unit the connection comes from.';
comment on column expanded_weights.upper_unit_id is 'Unit whose value at the centre position is read out.';
comment on column expanded_weights.weight_sum is 'Sum of the expanded weights over the positions of the support.';
comment on column expanded_weights.weight_l1 is 'Sum of their absolute values.';
comment on column expanded_weights.weight_l2 is 'Magnitude: square root of the sum of their squares.';
