-- How does the unit respond to all pictures together? One row per pictures run that kept activations.
-- Section Activation over all pictures.
select run_id, picture_count, kept_picture_count, positive_share, laplace_scale,
    activation_median, activation_largest
from all_runs.unit_activation_summary
where run_id in $runs and unit_name = $unit
order by run_id desc;
