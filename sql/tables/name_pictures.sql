-- Which pictures named units, which were held out, and what are their embeddings? One row per run and picture.
-- Source: definitions.md section 13; a picture is held out where the last digit of its content's hash is odd.
create table if not exists name_pictures (
    run_id integer not null,
    stimulus_id integer not null,
    is_held_out boolean not null,
    embedding float[] not null,
);
comment on table name_pictures is 'Pictures of each names run, with their image embeddings.';
comment on column name_pictures.run_id is 'Names run.';
comment on column name_pictures.stimulus_id is 'Picture.';
comment on column name_pictures.is_held_out is 'Whether it is held out: names are chosen on the others, and judged on these.';
comment on column name_pictures.embedding is 'Its image embedding by the run''s own model, of length 1.';
