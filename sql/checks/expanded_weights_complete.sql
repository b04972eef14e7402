-- Does each lower unit of a complete run have a weight to every unit of the upper layer, exactly once?
-- Counting distinct pairs would need memory for all of them. Of contiguous channel indices the count, the sum and the
-- sum of squares are all right only if each index is there once.
with stored as (
    select
        expanded_weights.run_id,
        expanded_weights.lower_unit_id,
        upper_units.layer_id as upper_layer_id,
        count(*) as pair_count,
        sum(upper_units.channel_index::hugeint) as index_sum,
        sum(upper_units.channel_index::hugeint * upper_units.channel_index) as square_sum,
    from expanded_weights
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    group by expanded_weights.run_id, expanded_weights.lower_unit_id, upper_units.layer_id
),

expected as (
    select
        layer_pair_sizes.run_id,
        units.unit_id as lower_unit_id,
        layer_pair_sizes.upper_layer_id,
        layer_pair_sizes.upper_count::hugeint as unit_count,
    from layer_pair_sizes
    inner join runs on layer_pair_sizes.run_id = runs.run_id
    inner join units on layer_pair_sizes.lower_layer_id = units.layer_id
    where runs.status = 'complete'
)

select
    expected.run_id,
    expected.lower_unit_id,
    expected.upper_layer_id,
    expected.unit_count,
    stored.pair_count,
from expected
left join stored
    on expected.run_id = stored.run_id
    and expected.lower_unit_id = stored.lower_unit_id
    and expected.upper_layer_id = stored.upper_layer_id
where
    stored.pair_count is distinct from expected.unit_count
    or stored.index_sum <> expected.unit_count * (expected.unit_count - 1) // 2
    or stored.square_sum <> expected.unit_count * (expected.unit_count - 1) * (2 * expected.unit_count - 1) // 6;
