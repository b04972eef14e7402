-- What does each unit add to a cosine through each head? One row per run, picture, concept, unit and head.
-- Source: definitions.md section 11: strength times projection, divided by the length of the image embedding. Ask for a picture and a
-- concept. Includes runs over attacked pictures.
create or replace view head_contributions as
select
    head_strengths.run_id,
    head_strengths.model_name,
    head_strengths.stimulus_id,
    logit_concepts.concept,
    head_strengths.unit_id,
    head_strengths.unit_name,
    head_strengths.head_index,
    list_dot_product(unit_heads.head_value, logit_concept_heads.head_text) as projection,
    head_strengths.strength * list_dot_product(unit_heads.head_value, logit_concept_heads.head_text)
    / picture_embeddings.embedding_norm as contribution,
    head_strengths.shortcut_strength * list_dot_product(unit_heads.head_value, logit_concept_heads.head_text)
    / picture_embeddings.embedding_norm as shortcut_contribution,
    head_strengths.residual_strength * list_dot_product(unit_heads.head_value, logit_concept_heads.head_text)
    / picture_embeddings.embedding_norm as residual_contribution,
    head_strengths.position_strength * list_dot_product(unit_heads.head_value, logit_concept_heads.head_text)
    / picture_embeddings.embedding_norm as position_contribution,
from head_strengths
inner join picture_embeddings
    on head_strengths.run_id = picture_embeddings.run_id
    and head_strengths.stimulus_id = picture_embeddings.stimulus_id
inner join unit_heads
    on head_strengths.run_id = unit_heads.run_id
    and head_strengths.unit_id = unit_heads.unit_id
    and head_strengths.head_index = unit_heads.head_index
inner join logit_concepts on head_strengths.run_id = logit_concepts.run_id
inner join logit_concept_heads
    on logit_concepts.run_id = logit_concept_heads.run_id
    and logit_concepts.concept_index = logit_concept_heads.concept_index
    and head_strengths.head_index = logit_concept_heads.head_index;
comment on view head_contributions is 'Contribution of each unit through each head to the cosine of a picture and a concept.';
comment on column head_contributions.run_id is 'Logits run.';
comment on column head_contributions.model_name is 'Model.';
comment on column head_contributions.stimulus_id is 'Picture.';
comment on column head_contributions.concept is 'Text.';
comment on column head_contributions.unit_id is 'Unit of the last bottleneck''s output.';
comment on column head_contributions.unit_name is 'Its address.';
comment on column head_contributions.head_index is 'Head of the attention pool, from 0.';
comment on column head_contributions.projection is 'D . t: what a strength of 1 adds to the dot product with the text.';
comment on column head_contributions.contribution is 'What the unit adds to the cosine through this head.';
comment on column head_contributions.shortcut_contribution is 'The part along the last bottleneck''s shortcut.';
comment on column head_contributions.residual_contribution is 'The part from the last bottleneck''s convolutions.';
comment on column head_contributions.position_contribution is 'The part from the positional embedding.';
