-- Which id does each stimulus of a shard have, and which of them are new? One row per stimulus_index of the shard.
-- Source: warehouse/shard_tables.py; shard_stimuli is the staged file. A known stimulus keeps its id and its row.
with numbered as (
    select
        shard_stimuli.*,
        stimuli.stimulus_id as known_id,
        sum((stimuli.stimulus_id is null)::integer) over (order by shard_stimuli.stimulus_index) as new_count,
    from shard_stimuli
    left join stimuli
        on shard_stimuli.stimulus_kind = stimuli.stimulus_kind
        and shard_stimuli.content_sha256 = stimuli.content_sha256
)

select
    numbered.* exclude (known_id, new_count),
    numbered.known_id is null as is_new,
    coalesce(
        numbered.known_id, (select coalesce(max(stimuli.stimulus_id), 0) from stimuli) + numbered.new_count
    )::integer as stimulus_id,
from numbered;
