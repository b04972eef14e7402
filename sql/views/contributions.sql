-- How does each lower unit drive each upper unit, with names? One row per run, lower unit and upper unit.
-- Source: definitions.md section 3. The original hooked raw convolutions, E_original = E * s_lower / s_upper, and cropped
-- on all four sides as many rows and columns as the support leaves free at the top.
create or replace view contributions as
select
    expanded_weights.run_id,
    expanded_weights.lower_unit_id,
    lower_units.unit_name as lower_unit,
    lower_layers.layer_name as lower_layer,
    expanded_weights.upper_unit_id,
    upper_units.unit_name as upper_unit,
    upper_layers.layer_name as upper_layer,
    expanded_weights.weight_sum / layer_pairs.cell_count as weight_mean,
    expanded_weights.weight_l2 as weight_magnitude,
    expanded_weights.weight_l2 / nullif(expanded_weights.weight_l1, 0) as weight_crispness,
    expanded_weights.weight_sum * lower_units.batch_norm_scale / nullif(upper_units.batch_norm_scale, 0)
    / nullif(
        (lower_layers.map_height - 2 * layer_pairs.support_top) * (lower_layers.map_width - 2 * layer_pairs.support_top), 0
    ) as original_weight_mean,
    abs(expanded_weights.weight_l2 * lower_units.batch_norm_scale / nullif(upper_units.batch_norm_scale, 0))
    as original_weight_magnitude,
    layer_pairs.cell_count,
    layer_pairs.is_truncated,
    shown_weight_runs.gates,
from expanded_weights
inner join shown_weight_runs on expanded_weights.run_id = shown_weight_runs.run_id
inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id
inner join layer_pairs
    on expanded_weights.run_id = layer_pairs.run_id
    and lower_units.layer_id = layer_pairs.lower_layer_id
    and upper_units.layer_id = layer_pairs.upper_layer_id;
comment on view contributions is 'Expanded weights of every pair of units, with names.';
comment on column contributions.run_id is 'Run that computed it.';
comment on column contributions.lower_unit_id is 'Lower unit.';
comment on column contributions.lower_unit is 'Address of the unit the connection comes from.';
comment on column contributions.lower_layer is 'Address of its layer.';
comment on column contributions.upper_unit_id is 'Upper unit.';
comment on column contributions.upper_unit is 'Address of the unit that is driven.';
comment on column contributions.upper_layer is 'Address of its layer.';
comment on column contributions.weight_mean is 'Mean of the expanded weights over the positions of the support; positive is excitatory, negative inhibitory.';
comment on column contributions.weight_magnitude is 'Magnitude: L2 norm of the expanded weights over the positions.';
comment on column contributions.weight_crispness is 'Crispness: L2 / L1; 1 for a single position, 1 / sqrt(cells) for an even map.';
comment on column contributions.original_weight_mean is 'The mean as the original computed it: between raw convolution outputs, over its own crop. Null for an upper unit with scale 0.';
comment on column contributions.original_weight_magnitude is 'The magnitude between raw convolution outputs.';
comment on column contributions.cell_count is 'Positions of the support.';
comment on column contributions.is_truncated is 'Whether zero padding cut the support.';
comment on column contributions.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
