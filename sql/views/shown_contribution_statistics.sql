-- How versatile and how bimodal are a unit's contributions, and what is their shape? One row per run, direction, unit and other layer.
-- Source: contribution_statistics, where `ingest weights` has stored them; else computed_contribution_statistics, without the dip.
create or replace view shown_contribution_statistics as
select
    contribution_statistics.run_id,
    contribution_statistics.direction,
    contribution_statistics.unit_id,
    contribution_statistics.other_layer_id,
    contribution_statistics.contribution_count,
    contribution_statistics.absolute_mean,
    contribution_statistics.positive_mean,
    contribution_statistics.negative_mean,
    contribution_statistics.l2_norm,
    contribution_statistics.near_zero_share,
    contribution_statistics.sign_balance,
    contribution_statistics.skewness,
    contribution_statistics.excess_kurtosis,
    contribution_statistics.sarle_coefficient,
    contribution_statistics.laplace_gain,
    contribution_statistics.dip,
    contribution_statistics.dip_p_value,
    contribution_statistics.zero_density_ratio,
    contribution_statistics.magnitude_mean,
    contribution_statistics.magnitude_l2_norm,
from contribution_statistics
inner join shown_statistics_runs on contribution_statistics.run_id = shown_statistics_runs.run_id
where shown_statistics_runs.is_kept
union all
select
    computed_contribution_statistics.run_id,
    computed_contribution_statistics.direction,
    computed_contribution_statistics.unit_id,
    computed_contribution_statistics.other_layer_id,
    computed_contribution_statistics.contribution_count,
    computed_contribution_statistics.absolute_mean::float as absolute_mean,
    computed_contribution_statistics.positive_mean::float as positive_mean,
    computed_contribution_statistics.negative_mean::float as negative_mean,
    computed_contribution_statistics.l2_norm::float as l2_norm,
    computed_contribution_statistics.near_zero_share::float as near_zero_share,
    computed_contribution_statistics.sign_balance::float as sign_balance,
    computed_contribution_statistics.skewness::float as skewness,
    computed_contribution_statistics.excess_kurtosis::float as excess_kurtosis,
    computed_contribution_statistics.sarle_coefficient::float as sarle_coefficient,
    computed_contribution_statistics.laplace_gain::float as laplace_gain,
    null::float as dip,
    null::float as dip_p_value,
    computed_contribution_statistics.zero_density_ratio::float as zero_density_ratio,
    computed_contribution_statistics.magnitude_mean::float as magnitude_mean,
    computed_contribution_statistics.magnitude_l2_norm::float as magnitude_l2_norm,
from computed_contribution_statistics
inner join shown_statistics_runs on computed_contribution_statistics.run_id = shown_statistics_runs.run_id
where not shown_statistics_runs.is_kept;
comment on view shown_contribution_statistics is 'Statistics of the contributions of each unit to, or from, the units of one other layer, kept or computed.';
comment on column shown_contribution_statistics.run_id is 'Run that stored it, else the weights run that it is computed from.';
comment on column shown_contribution_statistics.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column shown_contribution_statistics.unit_id is 'Unit whose contributions they are.';
comment on column shown_contribution_statistics.other_layer_id is 'Layer at the other end.';
comment on column shown_contribution_statistics.contribution_count is 'Number of contributions: units of the other layer.';
comment on column shown_contribution_statistics.absolute_mean is 'Average of |mean|.';
comment on column shown_contribution_statistics.positive_mean is 'Average of the positive means; null without any.';
comment on column shown_contribution_statistics.negative_mean is 'Average of the negative means; null without any.';
comment on column shown_contribution_statistics.l2_norm is 'Root of the sum of the squared means.';
comment on column shown_contribution_statistics.near_zero_share is 'Share of contributions with |mean| below 0.1 of their root mean square.';
comment on column shown_contribution_statistics.sign_balance is '(positive - negative) / (positive + negative) counts: 0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column shown_contribution_statistics.skewness is 'Sample skewness; null for a constant set.';
comment on column shown_contribution_statistics.excess_kurtosis is 'Sample excess kurtosis: 0 normal, 3 Laplace; null for a constant set.';
comment on column shown_contribution_statistics.sarle_coefficient is 'Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one; fooled by skew.';
comment on column shown_contribution_statistics.laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution.';
comment on column shown_contribution_statistics.dip is 'Hartigan''s dip statistic; null where nothing is stored yet, as SQL has no dip.';
comment on column shown_contribution_statistics.dip_p_value is 'Its p value: small means more than one mode; null where nothing is stored yet.';
comment on column shown_contribution_statistics.zero_density_ratio is 'Density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column shown_contribution_statistics.magnitude_mean is 'Average magnitude.';
comment on column shown_contribution_statistics.magnitude_l2_norm is 'Root of the sum of the squared magnitudes.';
