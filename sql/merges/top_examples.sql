-- What are a run's top examples after one more shard? One row per unit and rank, 100 ranks at most.
-- Source: ingest/pictures/sketches.py; shard_rows holds the shard's rows. Ties go by content hash, so that the order of shards does not matter.
with both_rows as (
    select shard_rows.* from shard_rows
    union all by name
    select top_examples.* exclude (run_id) from top_examples where top_examples.run_id = $run_id
),

places as (  -- numbers, because a million hashes are slow to sort
    select
        stimuli.stimulus_id,
        row_number() over (order by stimuli.content_sha256) as hash_rank,
    from stimuli
),

ranked as (
    select
        both_rows.* exclude (example_rank),
        row_number() over (
            partition by both_rows.unit_id
            order by both_rows.activation_mean desc, places.hash_rank
        )::integer as example_rank,
    from both_rows
    inner join places on both_rows.stimulus_id = places.stimulus_id
)

select
    $run_id::integer as run_id,
    ranked.unit_id,
    ranked.example_rank,
    ranked.stimulus_id,
    ranked.activation_mean,
    ranked.activation_max,
    ranked.max_row_index,
    ranked.max_column_index,
from ranked
where ranked.example_rank <= 100
order by ranked.unit_id, ranked.example_rank;
