-- Which warehouse is this, and which version of the program made its tables and views? One row.
-- Source: warehouse/schema.py.
create table if not exists warehouse_info (
    warehouse_id text not null,
    schema_version integer not null,
    sql_sha256 text not null,
    created_at timestamp not null,
);
comment on table warehouse_info is 'Identity and schema version of this file; one row.';
comment on column warehouse_info.warehouse_id is 'Random identity of this file; a staged shard names the warehouse it was made for.';
comment on column warehouse_info.schema_version is 'Version of the tables; a newer program upgrades an older file when it writes, and a program refuses a newer file.';
comment on column warehouse_info.sql_sha256 is 'SHA-256 of the SQL files that the views were built from; views are rebuilt when it differs.';
comment on column warehouse_info.created_at is 'When the file was created, UTC.';
