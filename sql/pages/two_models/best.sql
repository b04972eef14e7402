-- Which units of a layer have a twin in a layer of the other model? One row per unit that is its partner's best match, too.
-- Section Twins of page Two models.
select unit_id, unit_name, other_unit_id, other_unit_name, correlation, null_correlation
from all_runs.unit_partners
where run_id = $run and is_reverse = $reverse and layer_name = $layer and other_layer_name = $other
    and layer_match_rank = 1 and is_best_match
order by correlation desc, unit_id
limit $most;
