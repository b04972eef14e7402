-- How versatile and how bimodal are the contributions of each unit by name, and what is their shape? One row per run, direction, unit and other layer.
-- Source: computed_contribution_statistics of the shown weights runs: from the weights themselves, even if statistics are kept.
-- Filter on a unit or two layers.
create or replace view named_contribution_statistics as
select
    statistics.run_id,
    units.unit_name,
    statistics.unit_layer,
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
inner join units on statistics.unit_id = units.unit_id;
comment on view named_contribution_statistics is 'Statistics of the contributions of each unit to, or from, the units of one other layer, from the weights.';
comment on column named_contribution_statistics.run_id is 'Weights run.';
comment on column named_contribution_statistics.unit_name is 'Address of the unit.';
comment on column named_contribution_statistics.unit_layer is 'Address of its layer.';
comment on column named_contribution_statistics.other_layer is 'Address of the layer at the other end.';
comment on column named_contribution_statistics.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column named_contribution_statistics.contribution_count is 'Number of contributions: units of the other layer.';
comment on column named_contribution_statistics.absolute_mean is 'Average of |mean|.';
comment on column named_contribution_statistics.positive_mean is 'Average of the positive means; null without any.';
comment on column named_contribution_statistics.negative_mean is 'Average of the negative means; null without any.';
comment on column named_contribution_statistics.l2_norm is 'Root of the sum of the squared means.';
comment on column named_contribution_statistics.near_zero_share is 'Share of contributions with |mean| below 0.1 of their root mean square.';
comment on column named_contribution_statistics.sign_balance is '(positive - negative) / (positive + negative) counts: 0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column named_contribution_statistics.skewness is 'Sample skewness; null for a constant set.';
comment on column named_contribution_statistics.excess_kurtosis is 'Sample excess kurtosis: 0 normal, 3 Laplace; null for a constant set.';
comment on column named_contribution_statistics.sarle_coefficient is 'Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one; fooled by skew.';
comment on column named_contribution_statistics.laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution.';
comment on column named_contribution_statistics.zero_density_ratio is 'Density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column named_contribution_statistics.magnitude_mean is 'Average magnitude.';
comment on column named_contribution_statistics.magnitude_l2_norm is 'Root of the sum of the squared magnitudes.';
