-- Which concepts is the picture like, and along which branch did each come? One row per concept.
-- Section Concepts.
select concept, cosine, shortcut_contribution, residual_contribution,
    position_contribution + constant_contribution as rest_contribution
from all_runs.picture_concepts
where run_id = $run and stimulus_id = $picture and (concept_rank <= $most or concept in $texts)
order by cosine desc;
