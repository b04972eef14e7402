-- Which concepts were a logits run's pictures compared with? One row per concept, with the model's embedding of it.
-- Section Concepts of a dropped picture: its cosines are computed with these.
select concept, embedding
from logit_concepts
where run_id = $run
order by concept_index;
