-- How versatile and how bimodal are a unit's contributions, and what is their shape? One row per run, direction, unit and other layer.
-- Source: definitions.md section 4; computed_contribution_statistics, the dip by ingest/weights/dips.py. A contribution is a mean,
-- weight_sum / cell_count.
create table if not exists contribution_statistics (
    run_id integer not null,
    direction text not null,
    unit_id integer not null,
    other_layer_id integer not null,
    contribution_count integer not null,
    absolute_mean float,
    positive_mean float,
    negative_mean float,
    l2_norm float,
    near_zero_share float,
    sign_balance float,
    skewness float,
    excess_kurtosis float,
    sarle_coefficient float,
    laplace_gain float,
    dip float,
    dip_p_value float,
    zero_density_ratio float,
    magnitude_mean float,
    magnitude_l2_norm float,
);
comment on table contribution_statistics is 'Statistics of the contributions of each unit to, or from, the units of one other layer.';
comment on column contribution_statistics.run_id is 'Run that computed it.';
comment on column contribution_statistics.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column contribution_statistics.unit_id is 'Unit whose contributions they are.';
comment on column contribution_statistics.other_layer_id is 'Layer at the other end.';
comment on column contribution_statistics.contribution_count is 'Number of contributions: units of the other layer.';
comment on column contribution_statistics.absolute_mean is 'Average of |mean|.';
comment on column contribution_statistics.positive_mean is 'Average of the positive means; null without any.';
comment on column contribution_statistics.negative_mean is 'Average of the negative means; null without any.';
comment on column contribution_statistics.l2_norm is 'Root of the sum of the squared means.';
comment on column contribution_statistics.near_zero_share is 'Share of contributions with |mean| below 0.1 of their root mean square.';
comment on column contribution_statistics.sign_balance is '(positive - negative) / (positive + negative) counts: 0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column contribution_statistics.skewness is 'Sample skewness; null for a constant set.';
comment on column contribution_statistics.excess_kurtosis is 'Sample excess kurtosis: 0 normal, 3 Laplace; null for a constant set.';
comment on column contribution_statistics.sarle_coefficient is 'Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one; fooled by skew.';
comment on column contribution_statistics.laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution.';
comment on column contribution_statistics.dip is 'Hartigan''s dip statistic.';
comment on column contribution_statistics.dip_p_value is 'Its p value: small means more than one mode.';
comment on column contribution_statistics.zero_density_ratio is 'Density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column contribution_statistics.magnitude_mean is 'Average magnitude.';
comment on column contribution_statistics.magnitude_l2_norm is 'Root of the sum of the squared magnitudes.';
