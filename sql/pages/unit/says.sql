-- Towards which concepts does the unit move the model's embedding? One row per concept.
-- Section What it says.
select concept_rank, concept, projection, projection_above_mean
from all_runs.unit_words
where run_id in $runs and unit_name = $unit and concept_rank <= $most
order by concept_rank;
