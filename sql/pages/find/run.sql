-- Which names run holds embeddings to search, and is the text among its concepts? One row per run.
-- Decides whether a model has to be loaded for the text's embedding.
select
    run_id,
    exists(from name_concepts where name_concepts.run_id = runs.run_id and lower(concept) = lower(trim($text))) as is_concept
from runs
where run_id in $runs
order by run_id desc
limit 1;
