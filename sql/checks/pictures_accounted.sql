-- Does each complete pictures run hold as many stimuli, shown and rejected together, as its set has distinct pictures?
with found as (
    select
        run_stimuli.run_id,
        count(*) as stimulus_count,
    from run_stimuli
    group by run_stimuli.run_id
)

select
    runs.run_id,
    runs.settings ->> '$.picture_count' as picture_count,
    found.stimulus_count,
from runs
left join found on runs.run_id = found.run_id
where
    runs.job_name = 'pictures'
    and runs.status = 'complete'
    and (runs.settings ->> '$.picture_count')::bigint <> coalesce(found.stimulus_count, 0);
