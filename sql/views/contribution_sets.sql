-- Which contributions does a unit have to, or from, the units of another layer? One row per weights run, direction, unit and other layer.
-- Source: expanded_weights; definitions.md section 4: versatility. Sums as stored: all contributions of a set have the same
-- cell_count. Grouped by layers' ids and names, so a filter on either reaches the scan.
create or replace view contribution_sets as
with ends as (
    select
        expanded_weights.run_id,
        'forward' as direction,
        expanded_weights.lower_unit_id as unit_id,
        lower_units.layer_id as unit_layer_id,
        upper_units.layer_id as other_layer_id,
        lower_layers.layer_name as unit_layer,
        upper_layers.layer_name as other_layer,
        expanded_weights.weight_sum,
        expanded_weights.weight_l2,
    from expanded_weights
    inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
    inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id
    union all
    select
        expanded_weights.run_id,
        'backward' as direction,
        expanded_weights.upper_unit_id as unit_id,
        upper_units.layer_id as unit_layer_id,
        lower_units.layer_id as other_layer_id,
        upper_layers.layer_name as unit_layer,
        lower_layers.layer_name as other_layer,
        expanded_weights.weight_sum,
        expanded_weights.weight_l2,
    from expanded_weights
    inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
    inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id
)

select
    ends.run_id,
    ends.direction,
    ends.unit_id,
    ends.unit_layer_id,
    ends.other_layer_id,
    ends.unit_layer,
    ends.other_layer,
    list(ends.weight_sum) as weight_sums,
    avg(ends.weight_sum) as average,
    median(ends.weight_sum::double) as middle,
    sqrt(avg(ends.weight_sum::double * ends.weight_sum)) as root_mean_square,
    max(abs(ends.weight_sum)) as largest,
    avg(abs(ends.weight_sum)) as absolute_mean,
    avg(ends.weight_sum) filter (where ends.weight_sum > 0) as positive_mean,
    avg(ends.weight_sum) filter (where ends.weight_sum < 0) as negative_mean,
    avg(sign(ends.weight_sum)) filter (where ends.weight_sum <> 0) as sign_balance,
    avg(ends.weight_l2) as magnitude_mean,
    sqrt(sum(ends.weight_l2::double * ends.weight_l2)) as magnitude_l2_norm,
from ends
group by
    ends.run_id,
    ends.direction,
    ends.unit_id,
    ends.unit_layer_id,
    ends.other_layer_id,
    ends.unit_layer,
    ends.other_layer;
comment on view contribution_sets is 'Each unit''s contributions to, or from, each other layer, as one list of sums, with the numbers from which its statistics follow.';
comment on column contribution_sets.run_id is 'Weights run.';
comment on column contribution_sets.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column contribution_sets.unit_id is 'Unit whose contributions they are.';
comment on column contribution_sets.unit_layer_id is 'Its layer.';
comment on column contribution_sets.other_layer_id is 'Layer at the other end.';
comment on column contribution_sets.unit_layer is 'Address of the unit''s layer.';
comment on column contribution_sets.other_layer is 'Address of the other layer.';
comment on column contribution_sets.weight_sums is 'Sums of the expanded weights, in no order; divided by layer_pairs.cell_count they are the means.';
comment on column contribution_sets.average is 'Their average.';
comment on column contribution_sets.middle is 'Their median.';
comment on column contribution_sets.root_mean_square is 'Root of the average of their squares.';
comment on column contribution_sets.largest is 'Absolute value of the one furthest from zero.';
comment on column contribution_sets.absolute_mean is 'Average of their absolute values.';
comment on column contribution_sets.positive_mean is 'Average of the positive ones; null without any.';
comment on column contribution_sets.negative_mean is 'Average of the negative ones; null without any.';
comment on column contribution_sets.sign_balance is '(positive - negative) / (positive + negative) counts: 0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column contribution_sets.magnitude_mean is 'Average magnitude.';
comment on column contribution_sets.magnitude_l2_norm is 'Root of the sum of the squared magnitudes.';
