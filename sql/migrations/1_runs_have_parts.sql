-- How does a file get schema 1, in which a run says which part of its job it covers? Earlier runs have no parts.
-- Source: warehouse/migrations.py, in its transaction; column order and constraints are those of sql/tables/runs.sql.
alter table runs add column if not exists part_name text default '';

create table migrated_runs (
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

insert into migrated_runs by name
select
    runs.run_id,
    runs.model_id,
    runs.job_name,
    runs.part_name,
    runs.settings,
    runs.settings_sha256,
    runs.status,
    runs.device,
    runs.dtype,
    runs.versions,
    runs.started_at,
    runs.finished_at,
    runs.shard_count,
    runs.row_count,
    runs.baseline_stimulus_id,
from runs;

drop table runs;

alter table migrated_runs rename to runs;
