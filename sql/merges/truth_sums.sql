-- What are a run's sums of predicted and real effects after one more shard? One row per lower unit and upper layer.
-- Source: ingest/effects/; shard_rows holds the shard's rows. Sums in float64 may differ in the last bit with the order of shards.
with both_rows as (
    select shard_rows.* from shard_rows
    union all by name
    select truth_sums.* exclude (run_id) from truth_sums where truth_sums.run_id = $run_id
)

select
    $run_id::integer as run_id,
    both_rows.lower_unit_id,
    both_rows.upper_layer_id,
    sum(both_rows.picture_count)::integer as picture_count,
    sum(both_rows.triple_count)::bigint as triple_count,
    sum(both_rows.linear_sum) as linear_sum,
    sum(both_rows.linear_square_sum) as linear_square_sum,
    sum(both_rows.linear_absolute_sum) as linear_absolute_sum,
    sum(both_rows.gated_sum) as gated_sum,
    sum(both_rows.gated_square_sum) as gated_square_sum,
    sum(both_rows.gated_absolute_sum) as gated_absolute_sum,
    sum(both_rows.real_sum) as real_sum,
    sum(both_rows.real_square_sum) as real_square_sum,
    sum(both_rows.real_absolute_sum) as real_absolute_sum,
    sum(both_rows.real_nonzero_count)::bigint as real_nonzero_count,
    sum(both_rows.linear_real_product_sum) as linear_real_product_sum,
    sum(both_rows.linear_sign_count)::bigint as linear_sign_count,
    sum(both_rows.gated_real_product_sum) as gated_real_product_sum,
    sum(both_rows.gated_sign_count)::bigint as gated_sign_count,
from both_rows
group by both_rows.lower_unit_id, both_rows.upper_layer_id
order by both_rows.lower_unit_id, both_rows.upper_layer_id;
