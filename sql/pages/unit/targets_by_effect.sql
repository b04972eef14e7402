-- On which units of an upper layer does the unit have the largest effect on pictures? One row per upper unit.
-- Section Feeds, effect on pictures.
select run_id, upper_unit as unit_name, upper_unit_id as unit_id, effect_mean, effect_absolute_mean
from all_runs.effects_on_pictures
where run_id in $runs and lower_unit = $unit and upper_layer = $layer
order by connection_order($order, effect_mean, effect_absolute_mean) desc
limit $most;
