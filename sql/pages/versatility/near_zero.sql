-- What share of some units' contributions lies near zero? One row per unit and other layer.
-- The lines under the histograms.
select lower_unit as unit_name, upper_layer as other_layer, near_zero_share, sign_balance
from all_runs.unit_versatility
where run_id = $run and lower_unit in $units and upper_layer in $layers;
