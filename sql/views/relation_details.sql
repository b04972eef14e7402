-- Which relations can be queried in this file? One row per table, view and table macro.
-- Source: DuckDB's catalog. Views of schema all_runs (every run instead of the newest) are not listed again.
create or replace view relation_details as
select
    tables.table_name as relation_name,
    'table' as relation_kind,
    tables.estimated_size as row_count,
    tables.column_count,
    null as parameters,
    tables.comment as description,
from duckdb_tables() as tables
where tables.database_name = current_database() and tables.schema_name = 'main' and not tables.internal
union all
select
    views.view_name as relation_name,
    'view' as relation_kind,
    null as row_count,
    views.column_count,
    null as parameters,
    views.comment as description,
from duckdb_views() as views
where views.database_name = current_database() and views.schema_name = 'main' and not views.internal
union all
select
    macros.function_name as relation_name,
    'macro' as relation_kind,
    null as row_count,
    null as column_count,
    array_to_string(macros.parameters, ', ') as parameters,
    macros.comment as description,
from duckdb_functions() as macros
where
    macros.database_name = current_database()
    and macros.schema_name = 'main'
    and macros.function_type = 'table_macro'
    and not macros.internal;
comment on view relation_details is 'Tables, views and macros, with a description.';
comment on column relation_details.relation_name is 'Name, as written after from.';
comment on column relation_details.relation_kind is 'table, view or macro.';
comment on column relation_details.row_count is 'Rows of a table, from DuckDB''s catalog; null for others.';
comment on column relation_details.column_count is 'Number of columns; null for a macro.';
comment on column relation_details.parameters is 'Names of a macro''s parameters, in order; null for others.';
comment on column relation_details.description is 'What it holds, in one line.';
