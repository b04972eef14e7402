-- How many runs of the other warehouse stay out of a merge, and why? One row.
-- Source: warehouse/merging.py, before the runs are copied.
select
    count(*) filter (where ours.status = 'complete') as known_count,
    count(*) filter (where ours.status = 'running') as unfinished_here_count,
    count(*) filter (where ours.run_id is null and theirs.status = 'running') as unfinished_there_count,
from joined_from.runs as theirs
left join runs as ours on theirs.settings_sha256 = ours.settings_sha256;
