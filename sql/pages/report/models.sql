-- Which models does the report speak of? One row per model.
-- Its first line, and its last section.
select model_name, pretrained_tag, weights_sha256, image_size_px, unit_count
from models
order by model_id;
