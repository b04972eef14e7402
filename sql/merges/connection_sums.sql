-- What are a run's effects of connections after one more shard? One row per lower unit and upper unit.
-- Source: ingest/effects/; shard_rows holds the shard's rows. Sums in float64 may differ in the last bit with the order of shards.
with both_rows as (
    select shard_rows.* from shard_rows
    union all by name
    select connection_sums.* exclude (run_id) from connection_sums where connection_sums.run_id = $run_id
)

select
    $run_id::integer as run_id,
    both_rows.lower_unit_id,
    both_rows.upper_unit_id,
    sum(both_rows.picture_count)::integer as picture_count,
    sum(both_rows.linear_effect_sum) as linear_effect_sum,
    sum(both_rows.gated_effect_sum) as gated_effect_sum,
    sum(both_rows.gated_effect_absolute_sum) as gated_effect_absolute_sum,
    sum(both_rows.real_effect_sum) as real_effect_sum,
    sum(both_rows.real_effect_absolute_sum) as real_effect_absolute_sum,
from both_rows
group by both_rows.lower_unit_id, both_rows.upper_unit_id
order by both_rows.lower_unit_id, both_rows.upper_unit_id;
