-- What share of each layer's units has a counterpart in another model, and in which of its layers?
select
    layer_matches.layer_name,
    layer_matches.other_layer_name,
    round(layer_matches.matched_share, 3) as matched_share,
    round(layer_matches.correlation_mean, 3) as correlation_mean,
    round(layer_matches.correlation_excess, 3) as correlation_excess,
from layer_matches
where not layer_matches.is_reverse
qualify row_number() over (
    partition by layer_matches.run_id, layer_matches.layer_name order by layer_matches.matched_share desc
) = 1
order by layer_matches.run_id, layer_matches.layer_order;
