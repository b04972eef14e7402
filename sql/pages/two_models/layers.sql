-- What share of each layer's units is matched in each layer of the other model? One row per pair of layers.
-- The heat maps of page Two models.
select
    layer_name, other_layer_name, choice_count, held_out_count, unit_count, changing_unit_count, matched_count, matched_share,
    best_matched_share, correlation_mean, null_correlation_mean, correlation_excess
from all_runs.layer_matches
where run_id = $run and is_reverse = $reverse
order by layer_order, other_layer_order;
