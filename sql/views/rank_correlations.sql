-- Do magnitude and |mean| rank the pairs of units of two layers alike? One row per lower layer: from rank_correlations(2, [33], 67).
-- Source: definitions.md section 4; expanded_weights, centred_rank. Inside a pair of layers |weight_sum| ranks like |mean|. One small
-- number separates the layers: a wide key would make the two sorts, which take nearly all of the time, half as long again.
create or replace macro rank_correlations(run, lower_ids, upper_id) as table
with pairs as (
    select
        below.layer_order::smallint as layer_order,
        sizes.pair_count,
        abs(expanded_weights.weight_sum) as absolute_sum,
        expanded_weights.weight_l2 as magnitude,
    from expanded_weights
    inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    inner join layers as below on lower_units.layer_id = below.layer_id
    inner join layer_pair_sizes as sizes
        on expanded_weights.run_id = sizes.run_id
        and lower_units.layer_id = sizes.lower_layer_id
        and upper_units.layer_id = sizes.upper_layer_id
    where
        expanded_weights.run_id = run
        and upper_units.layer_id = upper_id
        and list_contains(lower_ids, lower_units.layer_id)
),

by_mean as (
    select
        pairs.layer_order,
        pairs.pair_count,
        pairs.magnitude,
        centred_rank(rank() over ascending, cume_dist() over ascending, pairs.pair_count) as mean_rank,
    from pairs
    window ascending as (partition by pairs.layer_order order by pairs.absolute_sum)
),

ranked as (
    select
        by_mean.layer_order,
        by_mean.mean_rank,
        centred_rank(rank() over ascending, cume_dist() over ascending, by_mean.pair_count) as magnitude_rank,
    from by_mean
    window ascending as (partition by by_mean.layer_order order by by_mean.magnitude)
),

correlations as (
    select
        ranked.layer_order,
        rank_correlation(ranked.mean_rank, ranked.magnitude_rank) as magnitude_mean_rank_correlation,
    from ranked
    group by ranked.layer_order
)

select
    layers.layer_id as lower_layer_id,
    upper_layers.layer_id as upper_layer_id,
    correlations.magnitude_mean_rank_correlation,
from correlations
inner join layers on correlations.layer_order = layers.layer_order
inner join layers as upper_layers on layers.model_id = upper_layers.model_id
where upper_layers.layer_id = upper_id;
comment on macro table rank_correlations is 'Rank correlation of magnitude and |mean| over all pairs of units of lower layers and one upper layer of a weights run.';
