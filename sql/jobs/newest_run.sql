-- Which complete run of one of $jobs, with these weights and layers, was finished or chosen last? At most one row.
-- Source: runs, for ingest/runs/earlier.py. Looked up by weights, because a name may have meant other weights before.
select
    runs.run_id,
    runs.settings_sha256,
    runs.settings,
from runs
inner join models on runs.model_id = models.model_id
left join (select run_id, max(chosen_at) as chosen_at from run_choices group by run_id) as chosen on runs.run_id = chosen.run_id
where
    runs.status = 'complete'
    and models.weights_sha256 = $weights_sha256
    and list_contains($jobs, runs.job_name)
    and list_has_all(json_extract_string(runs.settings, '$.layers[*]'), $layers::text[])
order by coalesce(chosen.chosen_at, runs.finished_at) desc, runs.run_id desc
limit 1;
