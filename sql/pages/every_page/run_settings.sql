-- How did a run show its stimuli? One row: its model, settings and precision.
-- The model is asked live with the same settings.
select models.model_name, models.pretrained_tag, models.weights_sha256, runs.settings, runs.dtype
from runs inner join models using (model_id) where runs.run_id = $run_id;
