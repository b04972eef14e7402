-- Which model reads a searched text, and is the text among the concepts already? One row, or none without a names run.
-- Source: shown_runs; ingest/commands/find.py embeds other texts with that run's settings and precision.
select
    models.model_name,
    models.pretrained_tag,
    models.weights_sha256,
    runs.settings,
    runs.dtype,
    exists (
        from name_concepts
        where name_concepts.run_id = runs.run_id and lower(name_concepts.concept) = lower(trim($text))
    ) as is_concept,
from shown_runs
inner join runs on shown_runs.run_id = runs.run_id
inner join models on runs.model_id = models.model_id
where runs.job_name = 'names';
