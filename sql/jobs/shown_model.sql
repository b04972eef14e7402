-- Which model do the views show for a job, or for the newest run where the job has none? At most one row.
-- Source: shown_runs; ingest/commands/running.py loads the model again.
select
    models.model_name,
    models.pretrained_tag,
    models.weights_sha256,
from shown_runs
inner join runs on shown_runs.run_id = runs.run_id
inner join models on runs.model_id = models.model_id
order by runs.job_name = $job_name desc, runs.finished_at desc, runs.run_id desc
limit 1;
