-- What are a run's sketches after one more shard? One row per unit.
-- Source: ingest/pictures/sketches.py; shard_rows holds the shard's rows. Sums in float64 may differ in the last bit with the order of shards.
with both_rows as (
    select shard_rows.* from shard_rows
    union all by name
    select activation_sketches.* exclude (run_id) from activation_sketches where activation_sketches.run_id = $run_id
)

select
    $run_id::integer as run_id,
    both_rows.unit_id,
    sum(both_rows.stimulus_count)::bigint as stimulus_count,
    sum(both_rows.activation_sum) as activation_sum,
    sum(both_rows.activation_square_sum) as activation_square_sum,
    sum(both_rows.positive_count)::bigint as positive_count,
    min(both_rows.activation_mean_min) as activation_mean_min,
    max(both_rows.activation_mean_max) as activation_mean_max,
    max(both_rows.activation_max_max) as activation_max_max,
from both_rows
group by both_rows.unit_id
order by both_rows.unit_id;
