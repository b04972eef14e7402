-- Which id does each run from the other warehouse get? One row per complete run of the other that is not here.
-- Source: warehouse/merging.py. Weights, job and settings identify a run; a run that is already here stays as it is.
select
    theirs.run_id as other_id,
    true as is_new,
    ((select coalesce(max(runs.run_id), 0) from runs) + row_number() over (order by theirs.run_id))::integer as id,
from joined_from.runs as theirs
left join runs as ours on theirs.settings_sha256 = ours.settings_sha256
where theirs.status = 'complete' and ours.run_id is null;
