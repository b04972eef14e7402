-- Which units of a lower layer feed the unit most? One row per lower unit.
-- Section Fed by.
select run_id, lower_unit as unit_name, lower_unit_id as unit_id, weight_mean, weight_magnitude
from all_runs.backward_contributions
where run_id in $runs and upper_unit = $unit and lower_layer = $layer
order by connection_order($order, weight_mean, weight_magnitude) desc
limit $most;
