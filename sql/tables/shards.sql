-- Which shards of a run are loaded? One row per loaded shard.
-- Source: warehouse/loading.py; the row is written in the transaction that loads the shard.
create table if not exists shards (
    run_id integer not null,
    shard_index integer not null,
    row_count bigint not null,
    loaded_at timestamp not null,
    primary key (run_id, shard_index),
);
comment on table shards is 'One row per loaded shard; a shard is loaded exactly once.';
comment on column shards.run_id is 'Run the shard belongs to.';
comment on column shards.shard_index is 'Index of the shard in its run, from 0; the same settings and index give the same rows.';
comment on column shards.row_count is 'Rows that it added to the fact tables; sketches are merged with those of earlier shards.';
comment on column shards.loaded_at is 'When it was loaded, UTC.';
