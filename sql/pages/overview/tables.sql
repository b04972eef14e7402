-- What do the tables hold? One row per table, the largest first.
-- Section Tables.
select relation_name, row_count, description
from relation_details
where relation_kind = 'table'
order by row_count desc, relation_name;
