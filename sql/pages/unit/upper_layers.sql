-- Which upper layers does a layer have weights with? One row per layer.
-- The box of section Feeds.
select upper_layer_id as layer_id from layer_pairs where run_id in $runs and lower_layer_id = $layer_id;
