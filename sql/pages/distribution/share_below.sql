-- What share of the pictures drives a unit less than a value? One row.
-- Section A picture of yours.
select avg((activation_mean < $value)::integer) as below_share, count(*) as picture_count
from all_runs.picture_activations
where run_id = $run and unit_name = $unit;
