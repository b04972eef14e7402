-- How bimodal are the contributions of some units? One row per unit and other layer.
-- The lines under the histograms.
select unit_name, other_layer, dip_p_value, sarle_coefficient, zero_density_ratio
from all_runs.unit_bimodality
where run_id = $run and direction = 'forward' and unit_name in $units and other_layer in $layers;
