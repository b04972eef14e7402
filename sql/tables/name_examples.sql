-- Which pictures drive a unit most, of those that named it and of those held out? One row per run, unit, half and rank.
-- Source: definitions.md section 13; by spatial mean, ties by content hash.
create table if not exists name_examples (
    run_id integer not null,
    unit_id integer not null,
    is_held_out boolean not null,
    example_rank integer not null,
    stimulus_id integer not null,
    activation_mean float not null,
);
comment on table name_examples is 'The 20 strongest pictures of each unit in either half: those that named it, and those held out.';
comment on column name_examples.run_id is 'Names run.';
comment on column name_examples.unit_id is 'Unit.';
comment on column name_examples.is_held_out is 'Which half of the run''s pictures.';
comment on column name_examples.example_rank is 'Rank in its half by activation_mean, 1 the largest.';
comment on column name_examples.stimulus_id is 'Picture.';
comment on column name_examples.activation_mean is 'Spatial mean activation.';
