-- Which runs of a job were left unfinished by a model of this name with other weights? One row per run.
-- Source: runs; ingest/commands/running.py says that these runs are not continued.
select
    runs.run_id,
    models.weights_sha256,
from runs
inner join models on runs.model_id = models.model_id
where
    runs.status = 'running'
    and runs.job_name = $job_name
    and models.model_name = $model_name
    and models.pretrained_tag = $pretrained_tag
    and models.weights_sha256 <> $weights_sha256
order by runs.run_id;
