-- Which models was a model compared with? One row per other model and kind of stimuli: the newest run, seen from the chosen model.
-- The box of page Two models, and the unit page.
with sides as (
    select
        runs.run_id,
        false as is_reverse,
        runs.model_id,
        models.model_id as other_model_id,
        runs.settings ->> '$.shown' as shown,
        runs.finished_at,
    from runs
    inner join models on json_extract_string(runs.settings, '$.other_weights_sha256') = models.weights_sha256
    where runs.job_name = 'matches' and runs.status = 'complete'
),

from_either as (
    select run_id, is_reverse, model_id, other_model_id, shown, finished_at
    from sides
    union all
    select run_id, true as is_reverse, other_model_id as model_id, model_id as other_model_id, shown, finished_at
    from sides
    where model_id <> other_model_id or shown = 'captions'
)

select run_id, is_reverse, other_model_id, shown
from from_either
where model_id = $model
qualify row_number() over (
    partition by other_model_id, shown, shown = 'captions' and is_reverse order by finished_at desc, run_id desc
) = 1
order by run_id desc, is_reverse;
