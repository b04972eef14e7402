-- Which pictures lie in each tenth of a unit's activations? One row per picture.
-- Section Pictures by activation level.
select quantile_group, picture_index, stimulus_id, caption, activation_mean, z_score, is_explicit
from all_runs.unit_quantile_pictures
where run_id = $run and unit_name = $unit
order by quantile_group, picture_index;
