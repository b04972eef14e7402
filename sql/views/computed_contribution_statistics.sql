-- How versatile and how bimodal are a unit's contributions, and what is their shape? One row per weights run, direction, unit and other layer.
-- Source: definitions.md section 4; contribution_sets and the macros named here. A set of equal numbers (which float32 leaves with a
-- deviation of at most a millionth of the largest) has no shape. Moments are about the average, as raw
-- moments lose their digits where all numbers are far from zero. The table contribution_statistics keeps these numbers,
-- with Hartigan's dip, once `ingest weights` is complete.
create or replace view computed_contribution_statistics as
with centred as (
    select
        contribution_sets.*,
        len(contribution_sets.weight_sums) as contribution_count,
        list_transform(
            contribution_sets.weight_sums, lambda weight_sum: weight_sum::double - contribution_sets.average
        ) as distances,
    from contribution_sets
),

squared as (
    select
        centred.*,
        list_transform(centred.distances, lambda distance: distance * distance) as squares,
    from centred
),

moments as (
    select
        squared.* exclude (distances, squares),
        list_inner_product(squared.distances, squared.distances) / squared.contribution_count as variance,
        list_inner_product(squared.squares, squared.distances) / squared.contribution_count as third_moment,
        list_inner_product(squared.squares, squared.squares) / squared.contribution_count as fourth_moment,
    from squared
),

shaped as (
    select
        moments.*,
        sqrt(moments.variance) > 1e-6 * moments.largest as is_spread,
        sample_skewness(moments.variance, moments.third_moment, moments.contribution_count) as skewness,
        sample_excess_kurtosis(moments.variance, moments.fourth_moment, moments.contribution_count) as excess_kurtosis,
    from moments
)

select
    shaped.run_id,
    shaped.direction,
    shaped.unit_id,
    shaped.unit_layer_id,
    shaped.other_layer_id,
    shaped.unit_layer,
    shaped.other_layer,
    shaped.contribution_count::integer as contribution_count,
    shaped.absolute_mean / layer_pairs.cell_count as absolute_mean,
    shaped.positive_mean / layer_pairs.cell_count as positive_mean,
    shaped.negative_mean / layer_pairs.cell_count as negative_mean,
    shaped.root_mean_square * sqrt(shaped.contribution_count) / layer_pairs.cell_count as l2_norm,
    near_zero_share(shaped.weight_sums, shaped.root_mean_square) as near_zero_share,
    shaped.sign_balance,
    case when shaped.is_spread then shaped.skewness end as skewness,
    case when shaped.is_spread then shaped.excess_kurtosis end as excess_kurtosis,
    case
        when shaped.is_spread
            then sarle_coefficient(shaped.skewness, shaped.excess_kurtosis, shaped.contribution_count)
    end as sarle_coefficient,
    case when shaped.is_spread then laplace_gain(shaped.weight_sums, shaped.middle, shaped.variance) end as laplace_gain,
    case
        when shaped.is_spread then zero_density_ratio(zero_centred_bins(shaped.weight_sums, shaped.root_mean_square))
    end as zero_density_ratio,
    shaped.magnitude_mean,
    shaped.magnitude_l2_norm,
    shaped.weight_sums,
from shaped
inner join layer_pairs
    on shaped.run_id = layer_pairs.run_id
    and if(shaped.direction = 'forward', shaped.unit_layer_id, shaped.other_layer_id) = layer_pairs.lower_layer_id
    and if(shaped.direction = 'forward', shaped.other_layer_id, shaped.unit_layer_id) = layer_pairs.upper_layer_id;
comment on view computed_contribution_statistics is 'Statistics of the contributions of each unit to, or from, the units of one other layer, computed by the query.';
comment on column computed_contribution_statistics.run_id is 'Weights run.';
comment on column computed_contribution_statistics.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column computed_contribution_statistics.unit_id is 'Unit whose contributions they are.';
comment on column computed_contribution_statistics.unit_layer_id is 'Its layer.';
comment on column computed_contribution_statistics.other_layer_id is 'Layer at the other end.';
comment on column computed_contribution_statistics.unit_layer is 'Address of the unit''s layer.';
comment on column computed_contribution_statistics.other_layer is 'Address of the other layer.';
comment on column computed_contribution_statistics.contribution_count is 'Number of contributions: units of the other layer.';
comment on column computed_contribution_statistics.absolute_mean is 'Average of |mean|.';
comment on column computed_contribution_statistics.positive_mean is 'Average of the positive means; null without any.';
comment on column computed_contribution_statistics.negative_mean is 'Average of the negative means; null without any.';
comment on column computed_contribution_statistics.l2_norm is 'Root of the sum of the squared means.';
comment on column computed_contribution_statistics.near_zero_share is 'Share of contributions with |mean| below 0.1 of their root mean square.';
comment on column computed_contribution_statistics.sign_balance is '(positive - negative) / (positive + negative) counts: 0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column computed_contribution_statistics.skewness is 'Sample skewness; null for a constant set, and below four contributions.';
comment on column computed_contribution_statistics.excess_kurtosis is 'Sample excess kurtosis: 0 normal, 3 Laplace; null as the skewness is.';
comment on column computed_contribution_statistics.sarle_coefficient is 'Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one; fooled by skew.';
comment on column computed_contribution_statistics.laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution.';
comment on column computed_contribution_statistics.zero_density_ratio is 'Density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column computed_contribution_statistics.magnitude_mean is 'Average magnitude.';
comment on column computed_contribution_statistics.magnitude_l2_norm is 'Root of the sum of the squared magnitudes.';
comment on column computed_contribution_statistics.weight_sums is 'Sums of the expanded weights, in no order; divided by layer_pairs.cell_count they are the means.';
