-- What are a run's histograms after one more shard? One row per unit and bucket.
-- Source: ingest/pictures/sketches.py; shard_rows holds the shard's rows.
with both_rows as (
    select shard_rows.* from shard_rows
    union all by name
    select activation_histograms.* exclude (run_id) from activation_histograms where activation_histograms.run_id = $run_id
)

select
    $run_id::integer as run_id,
    both_rows.unit_id,
    both_rows.bucket_index,
    sum(both_rows.stimulus_count)::bigint as stimulus_count,
from both_rows
group by both_rows.unit_id, both_rows.bucket_index
order by both_rows.unit_id, both_rows.bucket_index;
