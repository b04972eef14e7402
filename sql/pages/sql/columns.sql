-- Which columns does each relation have? One row per column.
-- Section What there is.
select table_name, column_name, data_type, comment
from duckdb_columns()
where schema_name = 'main' and not internal
order by table_name, column_index;
