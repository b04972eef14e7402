-- How is each unit's activation distributed over a set of pictures of any size? One row per run and unit.
-- Source: definitions.md section 2; the pictures job. Every column merges exactly with that of another set.
create table if not exists activation_sketches (
    run_id integer not null,
    unit_id integer not null,
    stimulus_count bigint not null,
    activation_sum double not null,
    activation_square_sum double not null,
    positive_count bigint not null,
    activation_mean_min float not null,
    activation_mean_max float not null,
    activation_max_max float not null,
);
comment on table activation_sketches is 'Count, moments and extremes of each unit''s spatial mean activation over the pictures of a run.';
comment on column activation_sketches.run_id is 'Run that measured it.';
comment on column activation_sketches.unit_id is 'Unit.';
comment on column activation_sketches.stimulus_count is 'Pictures shown.';
comment on column activation_sketches.activation_sum is 'Sum of the spatial mean activations.';
comment on column activation_sketches.activation_square_sum is 'Sum of their squares.';
comment on column activation_sketches.positive_count is 'Pictures with a spatial mean activation above zero.';
comment on column activation_sketches.activation_mean_min is 'Smallest spatial mean activation.';
comment on column activation_sketches.activation_mean_max is 'Largest spatial mean activation.';
comment on column activation_sketches.activation_max_max is 'Largest spatial maximum.';
