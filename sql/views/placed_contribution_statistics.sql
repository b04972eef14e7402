-- At which depths are the sets of contributions that claims are tested on? One row per run, direction, unit and other layer.
-- Source: contribution_statistics of widest_contribution_runs; definitions.md section 5.
create or replace view placed_contribution_statistics as
with last_convolutions as (
    select
        layers.model_id,
        max_by(layers.layer_id, layers.layer_order) as layer_id,
    from layers
    where layers.op_index = 5
    group by layers.model_id
)

select
    widest_contribution_runs.run_id,
    contribution_statistics.direction,
    contribution_statistics.unit_id,
    unit_layers.layer_order,
    other_layers.layer_order as other_layer_order,
    other_layers.op_index as other_op_index,
    other_layers.layer_id = last_convolutions.layer_id as is_last_convolution,
    contribution_statistics.contribution_count,
    contribution_statistics.sarle_coefficient,
    contribution_statistics.zero_density_ratio,
    contribution_statistics.sign_balance,
    contribution_statistics.laplace_gain,
from widest_contribution_runs
inner join contribution_statistics on widest_contribution_runs.run_id = contribution_statistics.run_id
inner join units on contribution_statistics.unit_id = units.unit_id
inner join layers as unit_layers on units.layer_id = unit_layers.layer_id
inner join layers as other_layers on contribution_statistics.other_layer_id = other_layers.layer_id
inner join last_convolutions on widest_contribution_runs.model_id = last_convolutions.model_id;
comment on view placed_contribution_statistics is 'Statistics of contributions of the widest runs, with the depth of both ends.';
comment on column placed_contribution_statistics.run_id is 'Contributions run.';
comment on column placed_contribution_statistics.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column placed_contribution_statistics.unit_id is 'Unit whose contributions they are.';
comment on column placed_contribution_statistics.layer_order is 'Depth of its layer, from the input.';
comment on column placed_contribution_statistics.other_layer_order is 'Depth of the layer at the other end.';
comment on column placed_contribution_statistics.other_op_index is 'Index inside its bottleneck; 5 is the last convolution.';
comment on column placed_contribution_statistics.is_last_convolution is 'Whether the other end is the network''s last convolution.';
comment on column placed_contribution_statistics.contribution_count is 'Units of the other layer.';
comment on column placed_contribution_statistics.sarle_coefficient is 'Sarle''s bimodality coefficient.';
comment on column placed_contribution_statistics.zero_density_ratio is 'Density at zero over the highest beside it.';
comment on column placed_contribution_statistics.sign_balance is '0 balanced, 1 all excitatory, -1 all inhibitory.';
comment on column placed_contribution_statistics.laplace_gain is 'Mean log-likelihood as a Laplace distribution minus as a normal one, nats.';
