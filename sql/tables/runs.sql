-- What has been measured, with which settings? One row per run = (weights, job, settings).
-- Source: ingest/runs/loop.py; the same command finds the same run, and resumes it or does nothing.
create table if not exists runs (
    run_id integer primary key,
    model_id integer,
    job_name text not null,
    part_name text not null,
    settings text not null,
    settings_sha256 text not null unique,
    status text not null,
    device text not null,
    dtype text not null,
    versions text not null,
    started_at timestamp not null,
    finished_at timestamp,
    shard_count integer not null,
    row_count bigint not null,
    baseline_stimulus_id integer,
);
comment on table runs is 'One row per run of an ingest job; its identity is the hash of weights, job and settings.';
comment on column runs.run_id is 'Key.';
comment on column runs.model_id is 'Model that was measured; null for jobs that need none.';
comment on column runs.job_name is 'Ingest job: words, pictures, typographic, weights, contributions, effects, coactivations, features, microscope, shares, published, logits, names or explain.';
comment on column runs.part_name is 'Which part of its job the run covers, where parts are shown side by side (the image source of shares, the bottleneck of published shares, gated weights, the untrained control of effects); else empty.';
comment on column runs.settings is 'Everything that decides the numbers, as JSON.';
comment on column runs.settings_sha256 is 'SHA-256 of weights, job and settings: the run''s identity.';
comment on column runs.status is 'running until every shard is loaded, then complete.';
comment on column runs.device is 'Device of the process that began the run.';
comment on column runs.dtype is 'Arithmetic: float32, tf32, bf16 or float64.';
comment on column runs.versions is 'Versions of the program and its libraries, as JSON.';
comment on column runs.started_at is 'When the run was begun, UTC.';
comment on column runs.finished_at is 'When its last shard was loaded, UTC; null while running.';
comment on column runs.shard_count is 'Number of shards of the complete run.';
comment on column runs.row_count is 'Rows loaded so far, over all its fact tables.';
comment on column runs.baseline_stimulus_id is 'Stimulus whose activations are subtracted; null when the average over the run is subtracted, or nothing.';
