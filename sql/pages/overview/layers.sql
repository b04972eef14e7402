-- Which layers were measured on words? One row per layer, in running order.
-- Section Layers measured.
select layer_name, layer_kind, unit_count, map_height, map_width
from measured_layers
where job_name = 'words'
order by layer_order;
