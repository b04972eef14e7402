-- Which views and macros can be queried? One row per view and macro.
-- Section Views and macros.
select relation_name, concat_ws(': ', parameters, description) as description
from relation_details
where relation_kind <> 'table'
order by relation_kind desc, relation_name;
