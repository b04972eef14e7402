-- Between which layers were contributions measured? One row per pair of layers.
-- The boxes that choose layers.
select lower_layer, upper_layer
from all_runs.layer_pair_versatility
where run_id = $run
order by lower_layer_order, upper_layer_order;
