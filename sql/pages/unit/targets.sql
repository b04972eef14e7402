-- Which units of an upper layer does the unit feed most? One row per upper unit.
-- Section Feeds.
select run_id, upper_unit as unit_name, upper_unit_id as unit_id, weight_mean, weight_magnitude
from all_runs.forward_contributions
where run_id in $runs and lower_unit = $unit and upper_layer = $layer
order by connection_order($order, weight_mean, weight_magnitude) desc
limit $most;
