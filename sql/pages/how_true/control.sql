-- Which untrained model of the same name has effects? One row: its model_id, the newest.
-- The untrained network beside the trained one.
select model_id
from model_runs
where pretrained_tag like 'random-%' and job_name = 'effects'
    and model_name = (select model_name from models where model_id = $model) and model_id <> $model
order by run_id desc
limit 1;
