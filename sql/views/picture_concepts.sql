-- Which concepts fit a picture best? One row per run, picture and concept, ranked inside the picture.
-- Source: picture_cosines. cosine_above_mean removes what all concepts have in common on this picture.
create or replace view picture_concepts as
select
    picture_cosines.run_id,
    picture_cosines.model_name,
    picture_cosines.stimulus_id,
    picture_cosines.caption,
    row_number() over (
        partition by picture_cosines.run_id, picture_cosines.stimulus_id
        order by picture_cosines.cosine desc, picture_cosines.concept
    ) as concept_rank,
    picture_cosines.concept,
    picture_cosines.cosine,
    picture_cosines.cosine - avg(picture_cosines.cosine) over (
        partition by picture_cosines.run_id, picture_cosines.stimulus_id
    ) as cosine_above_mean,
    picture_cosines.shortcut_contribution,
    picture_cosines.residual_contribution,
    picture_cosines.position_contribution,
    picture_cosines.constant_contribution,
from picture_cosines;
comment on view picture_concepts is 'Concepts of each picture by cosine.';
comment on column picture_concepts.run_id is 'Logits run.';
comment on column picture_concepts.model_name is 'Model.';
comment on column picture_concepts.stimulus_id is 'Picture.';
comment on column picture_concepts.caption is 'What its source calls it.';
comment on column picture_concepts.concept_rank is 'Rank by cosine inside the picture, 1 the largest.';
comment on column picture_concepts.concept is 'Text.';
comment on column picture_concepts.cosine is 'Cosine of image and text embedding.';
comment on column picture_concepts.cosine_above_mean is 'Cosine minus the mean cosine over the run''s concepts on this picture.';
comment on column picture_concepts.shortcut_contribution is 'The part of the cosine along the last bottleneck''s shortcut.';
comment on column picture_concepts.residual_contribution is 'The part from the last bottleneck''s convolutions.';
comment on column picture_concepts.position_contribution is 'The part from the positional embedding.';
comment on column picture_concepts.constant_contribution is 'The part from the biases.';
