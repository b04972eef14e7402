-- Which tables hold rows of runs? One row per table with a run_id, the table of runs last.
-- Source: warehouse/run_choices.py, which deletes a run's rows from each.
select columns.table_name
from duckdb_columns() as columns
inner join duckdb_tables() as tables
    on columns.schema_name = tables.schema_name and columns.table_name = tables.table_name
where columns.schema_name = 'main' and columns.column_name = 'run_id'
order by columns.table_name = 'runs', columns.table_name;
