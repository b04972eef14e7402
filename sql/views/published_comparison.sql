-- How far are our shortcut shares from the published ones? One row per published run, unit and measurement of ours.
-- Source: definitions.md section 6. Comparable are definition 'published' on image source 'features' of RN50's openai
-- weights; other measurements are listed too. Without a measurement of ours there is one row for each unit.
create or replace view published_comparison as
with published as (
    select
        published_shares.run_id,
        runs.part_name as bottleneck_name,
        published_shares.unit_name,
        published_shares.shortcut_share,
        1 - published_shares.cosine_distance as cosine_similarity,
    from published_shares
    inner join shown_runs on published_shares.run_id = shown_runs.run_id
    inner join runs on published_shares.run_id = runs.run_id
),

compared as (
    select
        published.run_id,
        unit_shortcut_share.run_id as shares_run_id,
        unit_shortcut_share.model_name,
        unit_shortcut_share.pretrained_tag,
        published.bottleneck_name,
        published.unit_name,
        unit_shortcut_share.definition,
        unit_shortcut_share.image_source,
        published.shortcut_share as published_share,
        unit_shortcut_share.shortcut_share,
        unit_shortcut_share.shortcut_share - published.shortcut_share as share_difference,
        published.cosine_similarity as published_cosine,
        unit_shortcut_share.cosine_similarity,
        unit_shortcut_share.image_count,
    from published
    left join unit_shortcut_share on published.unit_name = unit_shortcut_share.unit_name
)

select
    compared.run_id,
    compared.shares_run_id,
    compared.model_name,
    compared.pretrained_tag,
    compared.bottleneck_name,
    compared.unit_name,
    compared.definition,
    compared.image_source,
    compared.published_share,
    compared.shortcut_share,
    compared.share_difference,
    case
        when compared.share_difference is not null
        then row_number() over (
            partition by compared.run_id, compared.shares_run_id, compared.definition
            order by abs(compared.share_difference) desc nulls last, compared.unit_name
        )
    end as disagreement_rank,
    compared.published_cosine,
    compared.cosine_similarity,
    compared.image_count,
from compared;
comment on view published_comparison is 'Published shortcut shares beside ours, unit by unit.';
comment on column published_comparison.run_id is 'Published run.';
comment on column published_comparison.shares_run_id is 'Shares run; null without any.';
comment on column published_comparison.model_name is 'Model that we measured.';
comment on column published_comparison.pretrained_tag is 'Where its weights came from.';
comment on column published_comparison.bottleneck_name is 'Address of the bottleneck, block/bottleneck.';
comment on column published_comparison.unit_name is 'Address of the unit.';
comment on column published_comparison.definition is 'Our definition; the article''s is published.';
comment on column published_comparison.image_source is 'Our images; the article''s are features.';
comment on column published_comparison.published_share is 'Share as published; null for a dead channel.';
comment on column published_comparison.shortcut_share is 'Our share.';
comment on column published_comparison.share_difference is 'Ours minus the published one.';
comment on column published_comparison.disagreement_rank is 'Rank by the size of the difference inside its bottleneck and measurement, 1 the largest.';
comment on column published_comparison.published_cosine is '1 - published cosine distance.';
comment on column published_comparison.cosine_similarity is 'Our cosine of the two maps.';
comment on column published_comparison.image_count is 'Images that our share rests on.';
