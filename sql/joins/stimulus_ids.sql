-- Which id does each stimulus of the other warehouse have here? One row per stimulus of the other; kind and content identify it.
-- Source: warehouse/merging.py. A known stimulus keeps its id and its row.
select
    theirs.stimulus_id as other_id,
    ours.stimulus_id is null as is_new,
    coalesce(
        ours.stimulus_id,
        (select coalesce(max(stimuli.stimulus_id), 0) from stimuli)
        + row_number() over (partition by ours.stimulus_id is null order by theirs.stimulus_id)
    )::integer as id,
from joined_from.stimuli as theirs
left join stimuli as ours
    on theirs.stimulus_kind = ours.stimulus_kind and theirs.content_sha256 = ours.content_sha256;
