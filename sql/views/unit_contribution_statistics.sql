-- How versatile, how bimodal and of which shape are one unit's contributions? One row per run: unit_contribution_statistics('4/2/3/2', '4/2/5').
-- Source: computed_contribution_statistics, of the shown weights runs: from the weights themselves, in milliseconds, kept or not.
create or replace macro unit_contribution_statistics(unit, layer) as table
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
from computed_contribution_statistics as statistics
inner join shown_weight_runs on statistics.run_id = shown_weight_runs.run_id
inner join units on statistics.unit_id = units.unit_id
where units.unit_name = unit and statistics.other_layer = layer;
comment on macro table unit_contribution_statistics is 'Statistics of the contributions of one unit to, or from, the units of one layer, from the weights.';
