-- Towards which concepts do some units move the model's embedding? One row per unit.
-- Section Who says.
select unit_name, string_agg(concept, ', ' order by concept_rank) as says
from all_runs.unit_words
where run_id = $run and unit_name in $units and concept_rank <= $most
group by unit_name;
