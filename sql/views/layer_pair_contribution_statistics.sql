-- And those of all units of two layers? One row per run, direction and unit: from layer_pair_contribution_statistics('4/2/3', '4/2/5').
-- Source: computed_contribution_statistics, of the shown weights runs; as unit_contribution_statistics.
create or replace macro layer_pair_contribution_statistics(lower_layer, upper_layer) as table
with statistics as (
    from computed_contribution_statistics
    where direction = 'forward' and unit_layer = lower_layer and other_layer = upper_layer
    union all
    from computed_contribution_statistics
    where direction = 'backward' and unit_layer = upper_layer and other_layer = lower_layer
)

select
    statistics.run_id,
    units.unit_name,
    statistics.other_layer,
    statistics.direction,
    statistics.contribution_count,
    statistics.absolute_mean,
    statistics.positive_mean,
    statistics.negative_mean,
    statistics.l2_norm,
    statistics.near_zero_share,
    statistics.sign_balance,
    statistics.skewness,
    statistics.excess_kurtosis,
    statistics.sarle_coefficient,
    statistics.laplace_gain,
    statistics.zero_density_ratio,
    statistics.magnitude_mean,
    statistics.magnitude_l2_norm,
from statistics
inner join shown_weight_runs on statistics.run_id = shown_weight_runs.run_id
inner join units on statistics.unit_id = units.unit_id;
comment on macro table layer_pair_contribution_statistics is 'Statistics of the contributions between two layers, both ways, from the weights.';
