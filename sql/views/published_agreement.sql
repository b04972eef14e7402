-- What are the published shares of a bottleneck, and do ours agree? One row per published run and measurement of ours.
-- Source: definitions.md sections 5 and 6: 85.99 % of 4/2, 82.18 % of 4/1 and 14.45 % of 4/0 above 0.9, dead channels
-- counted as not above. Without a measurement of ours there is one row, with the published figures alone.
create or replace view published_agreement as
with ranked as (
    select
        published_comparison.run_id,
        published_comparison.shares_run_id,
        published_comparison.definition,
        rank() over (
            partition by
                published_comparison.run_id,
                published_comparison.shares_run_id,
                published_comparison.definition
            order by published_comparison.published_share
        ) + (
            count(*) over (
                partition by
                    published_comparison.run_id,
                    published_comparison.shares_run_id,
                    published_comparison.definition,
                    published_comparison.published_share
            ) - 1
        ) / 2 as published_rank,
        rank() over (
            partition by
                published_comparison.run_id,
                published_comparison.shares_run_id,
                published_comparison.definition
            order by published_comparison.shortcut_share
        ) + (
            count(*) over (
                partition by
                    published_comparison.run_id,
                    published_comparison.shares_run_id,
                    published_comparison.definition,
                    published_comparison.shortcut_share
            ) - 1
        ) / 2 as our_rank,
    from published_comparison
    where published_comparison.published_share is not null and published_comparison.shortcut_share is not null
),

correlated as (
    select
        ranked.run_id,
        ranked.shares_run_id,
        ranked.definition,
        case
            when stddev_samp(ranked.published_rank) > 0 and stddev_samp(ranked.our_rank) > 0
            then corr(ranked.published_rank, ranked.our_rank)
        end as share_rank_correlation,
    from ranked
    group by ranked.run_id, ranked.shares_run_id, ranked.definition
)

select
    published_comparison.run_id,
    published_comparison.shares_run_id,
    published_comparison.model_name,
    published_comparison.pretrained_tag,
    published_comparison.bottleneck_name,
    published_comparison.definition,
    published_comparison.image_source,
    count(*) as published_channel_count,
    count(*) filter (where published_comparison.published_share is null) as published_dead_channel_count,
    count(*) filter (where published_comparison.published_share > 0.9) / count(*) as published_above_share,
    count(*) filter (where published_comparison.published_share > 0.9)
    / nullif(count(published_comparison.published_share), 0) as published_living_above_share,
    count(published_comparison.share_difference) as compared_channel_count,
    count(*) filter (where published_comparison.shortcut_share > 0.9)
    / nullif(count(*) filter (where published_comparison.image_count > 0), 0) as above_share,
    avg(abs(published_comparison.share_difference)) as absolute_difference_mean,
    max(abs(published_comparison.share_difference)) as absolute_difference_largest,
    any_value(correlated.share_rank_correlation) as share_rank_correlation,
from published_comparison
left join correlated
    on published_comparison.run_id = correlated.run_id
    and published_comparison.shares_run_id = correlated.shares_run_id
    and published_comparison.definition = correlated.definition
group by
    published_comparison.run_id,
    published_comparison.shares_run_id,
    published_comparison.model_name,
    published_comparison.pretrained_tag,
    published_comparison.bottleneck_name,
    published_comparison.definition,
    published_comparison.image_source;
comment on view published_agreement is 'Published shares of each bottleneck, and how well ours agree with them.';
comment on column published_agreement.run_id is 'Published run.';
comment on column published_agreement.shares_run_id is 'Shares run; null without any.';
comment on column published_agreement.model_name is 'Model that we measured.';
comment on column published_agreement.pretrained_tag is 'Where its weights came from.';
comment on column published_agreement.bottleneck_name is 'Address of the bottleneck, block/bottleneck.';
comment on column published_agreement.definition is 'Our definition; the article''s is published.';
comment on column published_agreement.image_source is 'Our images; the article''s are features.';
comment on column published_agreement.published_channel_count is 'Channels in the published file.';
comment on column published_agreement.published_dead_channel_count is 'Dead ones among them.';
comment on column published_agreement.published_above_share is 'Share of all channels above 0.9 as published; dead ones count as not above.';
comment on column published_agreement.published_living_above_share is 'The same over the channels that are not dead.';
comment on column published_agreement.compared_channel_count is 'Channels that have both shares.';
comment on column published_agreement.above_share is 'Share of our measured channels above 0.9; dead ones count as not above.';
comment on column published_agreement.absolute_difference_mean is 'Mean size of the difference, ours minus published.';
comment on column published_agreement.absolute_difference_largest is 'Largest size of the difference.';
comment on column published_agreement.share_rank_correlation is 'Spearman''s rank correlation of published and our shares, ties at their mean rank; null when one of them is constant.';
