-- How much of a cosine comes along the shortcut, how much from the last bottleneck? One row per run, named_by and concept.
-- Source: definitions.md sections 5 and 11: the article's question (bottleneck_learning) for cosines instead of norms. A null
-- concept means all together. Shares are ratios of sums over the pictures, so the four add up to 1.
create or replace view logit_learning as
with means as (
    select
        picture_cosines.run_id,
        picture_cosines.stimulus_id,
        avg(picture_cosines.cosine) as cosine,
        avg(picture_cosines.shortcut_contribution) as shortcut_contribution,
        avg(picture_cosines.residual_contribution) as residual_contribution,
        max_by(picture_cosines.concept, picture_cosines.cosine) as nearest_concept,
    from picture_cosines
    group by picture_cosines.run_id, picture_cosines.stimulus_id
),

spoken as (
    select
        picture_cosines.run_id,
        picture_cosines.model_name,
        unnest(
            case
                when picture_cosines.concept <> means.nearest_concept then ['caption']
                when picture_cosines.concept = picture_cosines.caption then ['caption', 'nearest']
                else ['nearest']
            end
        ) as named_by,
        picture_cosines.concept,
        picture_cosines.cosine,
        picture_cosines.shortcut_contribution,
        picture_cosines.residual_contribution,
        picture_cosines.position_contribution,
        picture_cosines.constant_contribution,
        picture_cosines.cosine - means.cosine as cosine_above_mean,
        picture_cosines.shortcut_contribution - means.shortcut_contribution as shortcut_above_mean,
        picture_cosines.residual_contribution - means.residual_contribution as residual_above_mean,
    from picture_cosines
    inner join means
        on picture_cosines.run_id = means.run_id
        and picture_cosines.stimulus_id = means.stimulus_id
    where picture_cosines.concept = picture_cosines.caption or picture_cosines.concept = means.nearest_concept
)

select
    spoken.run_id,
    spoken.model_name,
    spoken.named_by,
    spoken.concept,
    count(*) as picture_count,
    avg(spoken.cosine) as cosine_mean,
    sum(spoken.shortcut_contribution) / sum(spoken.cosine) as shortcut_share,
    sum(spoken.residual_contribution) / sum(spoken.cosine) as residual_share,
    sum(spoken.position_contribution) / sum(spoken.cosine) as position_share,
    sum(spoken.constant_contribution) / sum(spoken.cosine) as constant_share,
    avg(spoken.cosine_above_mean) as cosine_above_mean,
    sum(spoken.shortcut_above_mean) / sum(spoken.cosine_above_mean) as shortcut_share_above_mean,
    sum(spoken.residual_above_mean) / sum(spoken.cosine_above_mean) as residual_share_above_mean,
from spoken
group by grouping sets (
    (spoken.run_id, spoken.model_name, spoken.named_by, spoken.concept),
    (spoken.run_id, spoken.model_name, spoken.named_by)
);
comment on view logit_learning is 'Share of the cosine from the shortcut and from the last bottleneck, per concept and over all.';
comment on column logit_learning.run_id is 'Logits run.';
comment on column logit_learning.model_name is 'Model.';
comment on column logit_learning.named_by is 'caption: each picture with the concept that is its caption; nearest: with the concept of highest cosine.';
comment on column logit_learning.concept is 'Text; null: all concepts together.';
comment on column logit_learning.picture_count is 'Number of pictures.';
comment on column logit_learning.cosine_mean is 'Mean cosine of these pictures with the concept.';
comment on column logit_learning.shortcut_share is 'Share of the cosine along the last bottleneck''s shortcut; below 0 or above 1 when the parts have opposite signs.';
comment on column logit_learning.residual_share is 'Share from the last bottleneck''s convolutions.';
comment on column logit_learning.position_share is 'Share from the positional embedding.';
comment on column logit_learning.constant_share is 'Share from the biases.';
comment on column logit_learning.cosine_above_mean is 'Mean of the cosine minus the picture''s mean over all concepts: what is specific to this concept.';
comment on column logit_learning.shortcut_share_above_mean is 'Share of cosine_above_mean along the shortcut.';
comment on column logit_learning.residual_share_above_mean is 'Share of cosine_above_mean from the last bottleneck''s convolutions; position and constant have the rest.';
