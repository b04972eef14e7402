-- Which models does the file hold? One row per model.
-- Section Models.
select
    model_name, pretrained_tag, weights_sha256, image_size_px, layer_count, unit_count
from models
order by model_id;
