-- How bimodal are the unit's contributions? One row per other layer.
-- The lines under the histograms.
select other_layer, sarle_coefficient, dip_p_value, zero_density_ratio
from all_runs.unit_bimodality
where run_id in $runs and direction = $direction and unit_name = $unit;
