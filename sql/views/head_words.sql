-- Which concepts does a unit promote through each head? One row per run, unit, head and rank.
-- Source: definitions.md section 11; only the largest projections of each head.
create or replace view head_words as
select
    head_projections.run_id,
    models.model_name,
    head_projections.unit_id,
    units.unit_name,
    head_projections.head_index,
    logit_concepts.concept,
    head_projections.concept_rank,
    head_projections.projection,
from head_projections
inner join shown_logit_runs on head_projections.run_id = shown_logit_runs.run_id
inner join logit_concepts
    on head_projections.run_id = logit_concepts.run_id
    and head_projections.concept_index = logit_concepts.concept_index
inner join units on head_projections.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view head_words is 'The concepts that each unit promotes through each head.';
comment on column head_words.run_id is 'Logits run.';
comment on column head_words.model_name is 'Model.';
comment on column head_words.unit_id is 'Unit of the last bottleneck''s output.';
comment on column head_words.unit_name is 'Its address.';
comment on column head_words.head_index is 'Head of the attention pool, from 0.';
comment on column head_words.concept is 'Text.';
comment on column head_words.concept_rank is 'Rank of the concept by projection, 1 the largest.';
comment on column head_words.projection is 'D . t: what a strength of 1 in this head adds to the dot product with the text.';
