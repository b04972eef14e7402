-- What are a run's histograms after one more shard? One row per unit and bucket.
-- Source: ingest/pictures/sketches.py; shard_rows holds the shard's rows. Both sides have a unit and a bucket once: joining them
-- takes half as long as grouping them, which is the longest step of loading a shard of all layers.
with run_rows as (
    from activation_histograms where activation_histograms.run_id = $run_id
)

select
    $run_id::integer as run_id,
    coalesce(shard_rows.unit_id, run_rows.unit_id) as unit_id,
    coalesce(shard_rows.bucket_index, run_rows.bucket_index) as bucket_index,
    coalesce(shard_rows.stimulus_count, 0) + coalesce(run_rows.stimulus_count, 0) as stimulus_count,
from shard_rows
full join run_rows
    on shard_rows.unit_id = run_rows.unit_id and shard_rows.bucket_index = run_rows.bucket_index
order by unit_id, bucket_index;
