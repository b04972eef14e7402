-- Is |sum| <= L1 and L2 <= L1 <= L2 * sqrt(cells) for every pair, up to rounding?
select
    expanded_weights.run_id,
    expanded_weights.lower_unit_id,
    expanded_weights.upper_unit_id,
    expanded_weights.weight_sum,
    expanded_weights.weight_l1,
    expanded_weights.weight_l2,
    layer_pairs.cell_count,
from expanded_weights
inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
inner join layer_pairs
    on expanded_weights.run_id = layer_pairs.run_id
    and lower_units.layer_id = layer_pairs.lower_layer_id
    and upper_units.layer_id = layer_pairs.upper_layer_id
where
    abs(expanded_weights.weight_sum) > expanded_weights.weight_l1 * 1.001
    or expanded_weights.weight_l2 > expanded_weights.weight_l1 * 1.001
    or expanded_weights.weight_l1 > expanded_weights.weight_l2 * sqrt(layer_pairs.cell_count) * 1.001;
