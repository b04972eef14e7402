-- How strongly does each unit speak on a picture, along which branch? One row per run, picture and unit.
-- Source: definitions.md section 11; 2 x heads numbers for a unit that is on anywhere, null for one that is silent.
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
comment on column picture_strengths.shortcut_strengths is 'What came along the last bottleneck''s shortcut, a number a head; null when the unit is off everywhere, which is 0.';
comment on column picture_strengths.residual_strengths is 'What the last bottleneck''s convolutions added, a number a head; null when the unit is off everywhere, which is 0.';
