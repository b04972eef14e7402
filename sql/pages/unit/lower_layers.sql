-- Which lower layers does a layer have weights with? One row per layer.
-- The box of section Fed by.
select lower_layer_id as layer_id from layer_pairs where run_id in $runs and upper_layer_id = $layer_id;
