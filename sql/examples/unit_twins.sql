-- Which units of the last layer have a twin in another model?
select
    unit_matches.unit_name,
    unit_matches.other_model_name,
    unit_matches.other_unit_name,
    round(unit_matches.correlation, 3) as correlation,
    round(unit_matches.null_correlation, 3) as null_correlation,
from unit_matches
where unit_matches.match_rank = 1 and unit_matches.is_best_match and unit_matches.layer_name = '4/2/6'
order by unit_matches.correlation desc, unit_matches.unit_name
limit 10;
