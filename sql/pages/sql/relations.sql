-- Which relations can be queried? One row per table, view and macro.
-- Section What there is.
select relation_name, relation_kind, parameters, row_count, description
from relation_details
order by relation_kind desc, relation_name;
