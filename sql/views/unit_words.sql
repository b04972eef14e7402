-- Which concepts does a unit promote? One row per run, unit and concept, ranked inside the unit.
-- Source: definitions.md section 11: projections D . t summed over heads. What drives the same unit: unit_top_words, unit_top_pictures.
create or replace view unit_words as
select
    unit_projections.run_id,
    models.model_name,
    unit_projections.unit_id,
    units.unit_name,
    row_number() over (
        partition by unit_projections.run_id, unit_projections.unit_id, units.unit_name
        order by unit_projections.projection desc, logit_concepts.concept
    ) as concept_rank,
    logit_concepts.concept,
    unit_projections.projection,
    unit_projections.projection - avg(unit_projections.projection) over (
        partition by unit_projections.run_id, unit_projections.unit_id, units.unit_name
    ) as projection_above_mean,
from unit_projections
inner join shown_logit_runs on unit_projections.run_id = shown_logit_runs.run_id
inner join logit_concepts
    on unit_projections.run_id = logit_concepts.run_id
    and unit_projections.concept_index = logit_concepts.concept_index
inner join units on unit_projections.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view unit_words is 'The concepts that each unit promotes, over all heads.';
comment on column unit_words.run_id is 'Logits run.';
comment on column unit_words.model_name is 'Model.';
comment on column unit_words.unit_id is 'Unit of the last bottleneck''s output.';
comment on column unit_words.unit_name is 'Its address.';
comment on column unit_words.concept_rank is 'Rank of the concept inside the unit by projection, 1 the largest.';
comment on column unit_words.concept is 'Text.';
comment on column unit_words.projection is 'Sum over heads of D . t: what a strength of 1 in every head adds to the dot product with the text.';
comment on column unit_words.projection_above_mean is 'Projection minus the unit''s mean over the run''s concepts: what is specific to this concept.';
