-- Which runs measured the untrained model of the same name? One row per run.
-- Section The untrained network.
select pretrained_tag, job_name, run_id
from model_runs
where pretrained_tag like 'random-%' and part_name = $part and model_name = (select model_name from models where model_id = $model)
order by run_id;
