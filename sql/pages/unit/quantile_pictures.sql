-- Which pictures lie in each tenth of the unit's activations? One row per picture.
-- Section Pictures by quantile.
select quantile_group, picture_index, stimulus_id, caption, activation_mean, is_explicit
from all_runs.unit_quantile_pictures
where run_id in $runs and unit_name = $unit
order by quantile_group, picture_index;
