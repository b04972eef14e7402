-- Which units of a layer have no matched partner in any layer of the other model? One row per unit, the loneliest first.
-- Section Loneliest of page Two models; correlation is that of the best partner in any layer.
select
    unit_id, unit_name, max_by(other_unit_id, choice_correlation) as other_unit_id,
    max_by(other_unit_name, choice_correlation) as other_unit_name, max_by(correlation, choice_correlation) as correlation,
    max_by(null_correlation, choice_correlation) as null_correlation
from all_runs.unit_partners
where run_id = $run and is_reverse = $reverse and layer_name = $layer and layer_match_rank = 1
group by unit_id, unit_name
having not bool_or(is_matched) and count(correlation) > 0
order by max(correlation), unit_id
limit $most;
