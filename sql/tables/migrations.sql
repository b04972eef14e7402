-- How did this file come to its schema? One row per migration that was applied to it; none in a file made with it.
-- Source: warehouse/migrations.py, in the transaction that applies the files of sql/migrations/.
create table if not exists migrations (
    schema_version integer primary key,
    migration_name text not null,
    applied_at timestamp not null,
);
comment on table migrations is 'What has been changed in the tables since an earlier version of the program made them.';
comment on column migrations.schema_version is 'Schema version that the migration leads to: the number its file begins with.';
comment on column migrations.migration_name is 'Name of its file in sql/migrations/.';
comment on column migrations.applied_at is 'When it was applied, UTC.';
