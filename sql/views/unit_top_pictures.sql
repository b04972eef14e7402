-- Which pictures drive a unit most, and where on them? One row per run, unit and rank.
-- Source: definitions.md section 2; top_examples. Ask for a unit: where unit_name = '4/2/6/34' order by example_rank.
create or replace view unit_top_pictures as
select
    top_examples.run_id,
    models.model_name,
    top_examples.unit_id,
    units.unit_name,
    layers.layer_name,
    top_examples.example_rank,
    top_examples.stimulus_id,
    stimuli.stimulus_text as caption,
    stimuli.source_uri,
    top_examples.activation_mean,
    top_examples.activation_max,
    (top_examples.max_row_index + 0.5) / layers.map_height as max_vertical_position,
    (top_examples.max_column_index + 0.5) / layers.map_width as max_horizontal_position,
    stimuli.is_explicit,
from top_examples
inner join shown_runs on top_examples.run_id = shown_runs.run_id
inner join units on top_examples.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id;
comment on view unit_top_pictures is 'Unit -> pictures: the pictures that drive a unit most, ranked.';
comment on column unit_top_pictures.run_id is 'Run that measured it.';
comment on column unit_top_pictures.model_name is 'Model.';
comment on column unit_top_pictures.unit_id is 'Unit.';
comment on column unit_top_pictures.unit_name is 'Address of the unit.';
comment on column unit_top_pictures.layer_name is 'Address of its layer.';
comment on column unit_top_pictures.example_rank is 'Rank of the picture inside the unit by activation_mean, 1 the largest.';
comment on column unit_top_pictures.stimulus_id is 'Picture; its small copy stands in thumbnails.';
comment on column unit_top_pictures.caption is 'The picture''s caption; null without one.';
comment on column unit_top_pictures.source_uri is 'Where the picture came from.';
comment on column unit_top_pictures.activation_mean is 'Spatial mean activation.';
comment on column unit_top_pictures.activation_max is 'Spatial maximum activation.';
comment on column unit_top_pictures.max_vertical_position is 'Where the maximum is in the picture as the model sees it (after its crop): centre of the map''s cell, 0 top, 1 bottom.';
comment on column unit_top_pictures.max_horizontal_position is 'The same from the left: 0 left, 1 right.';
comment on column unit_top_pictures.is_explicit is 'Whether the picture is explicit.';
