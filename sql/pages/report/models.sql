-- Which models is the report about? One row per model.
-- The first line and the last section of the report.
select model_name, pretrained_tag, weights_sha256, image_size_px, unit_count
from models
order by model_id;
