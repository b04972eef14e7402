-- Does every pair have a support, and is |sum| <= L1 and L2 <= L1 <= L2 * sqrt(cells), all of them finite, up to rounding?
select
    expanded_weights.run_id,
    expanded_weights.lower_unit_id,
    expanded_weights.upper_unit_id,
    expanded_weights.weight_sum,
    expanded_weights.weight_l1,
    expanded_weights.weight_l2,
    layer_pairs.cell_count,
from expanded_weights
left join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
left join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
left join layer_pairs
    on expanded_weights.run_id = layer_pairs.run_id
    and lower_units.layer_id = layer_pairs.lower_layer_id
    and upper_units.layer_id = layer_pairs.upper_layer_id
where
    layer_pairs.cell_count is null
    or not isfinite(expanded_weights.weight_l1)
    or abs(expanded_weights.weight_sum) > expanded_weights.weight_l1 * 1.001
    or expanded_weights.weight_l2 > expanded_weights.weight_l1 * 1.001
    or expanded_weights.weight_l1 > expanded_weights.weight_l2 * sqrt(layer_pairs.cell_count) * 1.001;
