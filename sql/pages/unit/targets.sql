-- Which units of an upper layer does the unit feed most? One row per upper unit.
-- Section Feeds.
select run_id, upper_unit as unit_name, upper_unit_id as unit_id, weight_mean, weight_magnitude
from all_runs.forward_contributions
where run_id in $runs and lower_unit = $unit and upper_layer = $layer
order by
    case $order
        when 'excitatory' then weight_mean
        when 'inhibitory' then -weight_mean
        when 'mean' then abs(weight_mean)
        else weight_magnitude
    end desc
limit $most;
