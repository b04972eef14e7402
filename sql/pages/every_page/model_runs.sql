-- Which runs do pages show of a model? One row per job and part: its newest complete run.
-- Every page takes its run ids from here.
select job_name, part_name, run_id from model_runs where model_id = $model_id order by run_id;
