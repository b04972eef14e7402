-- How strong is each unit in each head on a picture, by branch? One row per run, picture and unit.
-- Source: definitions.md section 11; two numbers a head for a unit that is on anywhere, null for one that is off.
create table if not exists picture_strengths (
    run_id integer not null,
    stimulus_id integer not null,
    unit_id integer not null,
    shortcut_strengths float[],
    residual_strengths float[],
);
comment on table picture_strengths is 'Strengths of each unit in each head, split by branch.';
comment on column picture_strengths.run_id is 'Logits run.';
comment on column picture_strengths.stimulus_id is 'Picture.';
comment on column picture_strengths.unit_id is 'Unit of the last bottleneck''s output.';
comment on column picture_strengths.shortcut_strengths is 'The part along the last bottleneck''s shortcut, one number a head; null, meaning 0, when the unit is off everywhere.';
comment on column picture_strengths.residual_strengths is 'The part from the last bottleneck''s convolutions, one number a head; null, meaning 0, when the unit is off everywhere.';
