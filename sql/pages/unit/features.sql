-- Which optimised pictures does the unit respond to most? One row per feature visualisation.
-- Section Feature visualisation.
select source, objective, image, activation_mean, activation_max, error_message
from feature_visualizations
where run_id in $runs and unit_id = $unit_id and image is not null
order by source desc, run_id desc;
