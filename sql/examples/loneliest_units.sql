-- Which units have no counterpart in any layer of another model?
select
    unit_matches.unit_name,
    unit_matches.other_model_name,
    max(unit_matches.correlation) as best_correlation,
from unit_matches
group by unit_matches.run_id, unit_matches.unit_name, unit_matches.other_model_name
having not bool_or(unit_matches.is_matched)
order by best_correlation, unit_matches.unit_name
limit 10;
