-- Which unit is it? One row.
-- The page's first line.
select unit_id, unit_name, layer_id, layer_name, channel_index, layer_kind, channel_count, map_height,
    map_width, batch_norm_scale, microscope_url
from unit_details
where model_id = $model_id and unit_name = $unit;
