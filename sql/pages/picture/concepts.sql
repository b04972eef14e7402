-- Which concepts fit the picture best, and which branch brings each of them? One row per concept.
-- Section Concepts.
select
    concept,
    cosine,
    shortcut_contribution,
    residual_contribution,
    position_contribution + constant_contribution as rest_contribution,
from all_runs.picture_concepts
where run_id = $run and stimulus_id = $stimulus_id and (concept_rank <= $most or concept in $words)
order by cosine desc;
