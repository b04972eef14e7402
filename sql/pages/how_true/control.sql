-- Which untrained model of the same name has an effects run? At most one row: the newest.
-- Shown beside the trained model.
select model_id
from model_runs
where pretrained_tag like 'random-%' and job_name = 'effects'
    and model_name = (select model_name from models where model_id = $model) and model_id <> $model
order by run_id desc
limit 1;
