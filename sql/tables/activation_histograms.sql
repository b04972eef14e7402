-- How many pictures fall into each bucket of a unit's activation? One row per run, unit and bucket that holds a picture.
-- Source: the pictures job. Buckets are log-linear and the same for every unit and set, so histograms add up exactly.
create table if not exists activation_histograms (
    run_id integer not null,
    unit_id integer not null,
    bucket_index smallint not null,
    stimulus_count bigint not null,
);
comment on table activation_histograms is 'Histogram of each unit''s spatial mean activation over the pictures of a run.';
comment on column activation_histograms.run_id is 'Run that measured it.';
comment on column activation_histograms.unit_id is 'Unit.';
comment on column activation_histograms.bucket_index is 'Bucket: the sign, and the exponent of two of |activation| and the eighth of that octave; 0 holds zero. activation_bucket() gives the bounds.';
comment on column activation_histograms.stimulus_count is 'Pictures in the bucket.';
