-- Which runs speak for a model? One row per job and part: its newest complete run.
-- What every page takes its run ids from.
select job_name, part_name, run_id from model_runs where model_id = $model_id order by run_id;
