-- Which layers did a words run measure? One row per layer, in running order.
-- The box that chooses the layer.
select layer_name from all_runs.measured_layers where run_id = $run order by layer_order;
