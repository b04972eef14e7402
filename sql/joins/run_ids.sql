-- Which id does each run get that comes from the other warehouse? One row per complete run of the other that is not here.
-- Source: warehouse/merging.py; a run is its weights, job and settings, so that one that is here already stays as it is.
select
    theirs.run_id as other_id,
    true as is_new,
    ((select coalesce(max(runs.run_id), 0) from runs) + row_number() over (order by theirs.run_id))::integer as id,
from joined_from.runs as theirs
left join runs as ours on theirs.settings_sha256 = ours.settings_sha256
where theirs.status = 'complete' and ours.run_id is null;
