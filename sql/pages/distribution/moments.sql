-- How does a unit answer on the whole? One row.
-- Section Distance from the average.
select picture_count, activation_average, activation_deviation, positive_share, activation_largest
from all_runs.activation_moments
where run_id = $run and unit_id = $unit;
