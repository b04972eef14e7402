-- Which units of the last layer have the names that can be trusted most?
select
    unit_names.unit_name,
    unit_names.name,
    unit_names.held_out_correlation,
    unit_names.random_correlation,
from unit_names
where unit_names.name_rank = 1 and unit_names.layer_name = '4/2/6'
order by unit_names.held_out_correlation desc nulls last, unit_names.unit_name
limit 10;
