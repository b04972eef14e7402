-- Which layers does a model have? One row per layer, in running order.
-- Puts layers in order, and links to the neighbouring units.
select layer_id, layer_name, layer_order, op_index, layer_kind, channel_count
from layer_details
where model_id = $model_id
order by layer_order;
