-- Which texts were a logits run's pictures held against, as the model reads them? One row per concept.
-- Section Concepts of a dropped picture, whose cosines are computed with these.
select concept, embedding
from logit_concepts
where run_id = $run
order by concept_index;
