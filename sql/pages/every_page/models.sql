-- Which models does the file hold? One row per model.
-- Shown in the box that chooses the model.
select model_id, model_name, pretrained_tag from models order by model_id;
