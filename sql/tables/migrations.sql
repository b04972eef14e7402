-- Which migrations led to this file's schema? One row per migration applied; none in a file created with today's schema.
-- Source: warehouse/migrations.py, in the transaction that applies the files of sql/migrations/.
create table if not exists migrations (
    schema_version integer primary key,
    migration_name text not null,
    applied_at timestamp not null,
);
comment on table migrations is 'Changes to the tables since an earlier version of the program created them.';
comment on column migrations.schema_version is 'Schema version that the migration leads to: the number its file begins with.';
comment on column migrations.migration_name is 'Name of its file in sql/migrations/.';
comment on column migrations.applied_at is 'When it was applied, UTC.';
