-- What are the mean, spread and largest of a unit's activations? One row.
-- Section Distance from the average.
select picture_count, activation_average, activation_deviation, positive_share, activation_largest
from all_runs.activation_moments
where run_id = $run and unit_id = $unit;
