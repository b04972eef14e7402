-- How strong is each unit in each head on a picture? One row per run, picture, unit and head.
-- Source: definitions.md section 11. strength = shortcut_strength + residual_strength + position_strength; strength times the unit's
-- projection in the head, divided by the length of the embedding, is its contribution to a cosine. Ask for a picture or a unit.
-- Includes runs over attacked pictures.
create or replace view head_strengths as
select
    picture_strengths.run_id,
    models.model_name,
    picture_strengths.stimulus_id,
    picture_strengths.unit_id,
    units.unit_name,
    picture_attention.head_index,
    coalesce(picture_strengths.shortcut_strengths[picture_attention.head_index + 1], 0)
    + coalesce(picture_strengths.residual_strengths[picture_attention.head_index + 1], 0)
    + list_dot_product(picture_attention.attention, unit_positions.position_embedding) as strength,
    coalesce(picture_strengths.shortcut_strengths[picture_attention.head_index + 1], 0) as shortcut_strength,
    coalesce(picture_strengths.residual_strengths[picture_attention.head_index + 1], 0) as residual_strength,
    list_dot_product(picture_attention.attention, unit_positions.position_embedding) as position_strength,
from picture_strengths
inner join shown_runs on picture_strengths.run_id = shown_runs.run_id
inner join picture_attention
    on picture_strengths.run_id = picture_attention.run_id
    and picture_strengths.stimulus_id = picture_attention.stimulus_id
inner join unit_positions
    on picture_strengths.run_id = unit_positions.run_id
    and picture_strengths.unit_id = unit_positions.unit_id
inner join units on picture_strengths.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view head_strengths is 'Strength of each unit in each head on each picture, split by branch.';
comment on column head_strengths.run_id is 'Logits run.';
comment on column head_strengths.model_name is 'Model.';
comment on column head_strengths.stimulus_id is 'Picture.';
comment on column head_strengths.unit_id is 'Unit of the last bottleneck''s output.';
comment on column head_strengths.unit_name is 'Its address.';
comment on column head_strengths.head_index is 'Head of the attention pool, from 0.';
comment on column head_strengths.strength is 'Sum over tokens of the head''s attention times the token''s channel: shortcut, residual and position strength together.';
comment on column head_strengths.shortcut_strength is 'The part along the last bottleneck''s shortcut, where the unit is on.';
comment on column head_strengths.residual_strength is 'The part from the last bottleneck''s convolutions, where the unit is on.';
comment on column head_strengths.position_strength is 'What the pool''s positional embedding adds, which comes from no unit.';
