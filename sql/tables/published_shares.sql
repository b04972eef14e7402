-- Which shortcut share is published for a unit? One row per model and unit, and more for each run that read a file.
-- Source: the rows without a run are in sql/published/published_shares.csv and are replaced with the views; the others
-- come from other files, by the published job. Units are given by address, not by id: the file need not hold RN50.
create table if not exists published_shares (
    run_id integer,
    unit_name text not null,
    shortcut_share float,
    cosine_distance float,
    source_uri text not null,
    model_name text default 'RN50',
);
comment on table published_shares is 'Shortcut shares as published in the original repository.';
comment on column published_shares.run_id is 'Run that read the file; null for rows that come with the program.';
comment on column published_shares.unit_name is 'Address of the unit.';
comment on column published_shares.shortcut_share is 'Share as printed, float16 arithmetic; null for a dead channel.';
comment on column published_shares.cosine_distance is '1 - cosine of the two maps, as printed; null for a dead channel.';
comment on column published_shares.source_uri is 'File or address it was read from.';
comment on column published_shares.model_name is 'Model that it was measured on, with OpenAI''s weights.';
