-- Which units of a lower layer have the largest effect on the unit on pictures? One row per lower unit.
-- Section Fed by, effect on pictures.
select run_id, lower_unit as unit_name, lower_unit_id as unit_id, effect_mean, effect_absolute_mean
from all_runs.effects_on_pictures
where run_id in $runs and upper_unit = $unit and lower_layer = $layer
order by connection_order($order, effect_mean, effect_absolute_mean) desc
limit $most;
