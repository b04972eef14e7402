-- Which pictures drive each unit most, and where on its map? One row per run, unit and rank.
-- Source: definitions.md section 2; the pictures job, whether it keeps all activations or sketches.
create table if not exists top_examples (
    run_id integer not null,
    unit_id integer not null,
    example_rank integer not null,
    stimulus_id integer not null,
    activation_mean float not null,
    activation_max float not null,
    max_row_index integer not null,
    max_column_index integer not null,
);
comment on table top_examples is 'The pictures with the largest spatial mean activation of each unit.';
comment on column top_examples.run_id is 'Run that measured it.';
comment on column top_examples.unit_id is 'Unit.';
comment on column top_examples.example_rank is 'Rank by activation_mean, 1 the largest; ties by content hash.';
comment on column top_examples.stimulus_id is 'Picture.';
comment on column top_examples.activation_mean is 'Activation averaged over all positions of the map.';
comment on column top_examples.activation_max is 'Largest activation over all positions of the map.';
comment on column top_examples.max_row_index is 'Row of the map where the maximum is, from 0; divide by layers.map_height for the position in the picture as the model sees it.';
comment on column top_examples.max_column_index is 'Column of the map where the maximum is, from 0.';
