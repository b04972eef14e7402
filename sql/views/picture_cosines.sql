-- How well does each concept fit a picture, and through which branch? One row per run, picture and concept.
-- Source: definitions.md section 11: the four parts of the image embedding against the text. They add up to the cosine of stock
-- open_clip. Ranks are in picture_concepts.
create or replace view picture_cosines as
select
    picture_embeddings.run_id,
    models.model_name,
    picture_embeddings.stimulus_id,
    stimuli.stimulus_text as caption,
    logit_concepts.concept_index,
    logit_concepts.concept,
    list_dot_product(picture_embeddings.shortcut_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
    + list_dot_product(picture_embeddings.residual_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
    + list_dot_product(picture_embeddings.position_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
    + list_dot_product(picture_embeddings.constant_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm as cosine,
    list_dot_product(picture_embeddings.shortcut_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
        as shortcut_contribution,
    list_dot_product(picture_embeddings.residual_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
        as residual_contribution,
    list_dot_product(picture_embeddings.position_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
        as position_contribution,
    list_dot_product(picture_embeddings.constant_embedding, logit_concepts.embedding) / picture_embeddings.embedding_norm
        as constant_contribution,
from picture_embeddings
inner join shown_logit_runs on picture_embeddings.run_id = shown_logit_runs.run_id
inner join runs on picture_embeddings.run_id = runs.run_id
inner join models on runs.model_id = models.model_id
inner join stimuli on picture_embeddings.stimulus_id = stimuli.stimulus_id
inner join logit_concepts on picture_embeddings.run_id = logit_concepts.run_id;
comment on view picture_cosines is 'Cosine of each picture with each concept, split by branch.';
comment on column picture_cosines.run_id is 'Logits run.';
comment on column picture_cosines.model_name is 'Model.';
comment on column picture_cosines.stimulus_id is 'Picture.';
comment on column picture_cosines.caption is 'What its source calls it.';
comment on column picture_cosines.concept_index is 'Concept of the run, from 0.';
comment on column picture_cosines.concept is 'Text.';
comment on column picture_cosines.cosine is 'Cosine of image and text embedding.';
comment on column picture_cosines.shortcut_contribution is 'The part along the last bottleneck''s shortcut.';
comment on column picture_cosines.residual_contribution is 'The part from the last bottleneck''s convolutions.';
comment on column picture_cosines.position_contribution is 'The part from the attention pool''s positional embedding.';
comment on column picture_cosines.constant_contribution is 'The part from the biases of values and output: the constant of the split into units and heads.';
