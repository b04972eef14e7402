-- How many channels of a bottleneck get more than a given share from the shortcut? One row per run, bottleneck and definition.
-- Source: definitions.md section 5: from bottleneck_learning_above(0.5). The view bottleneck_learning has the article's 0.9.
create or replace macro bottleneck_learning_above(threshold) as table
select
    unit_shortcut_share.run_id,
    unit_shortcut_share.model_name,
    unit_shortcut_share.pretrained_tag,
    unit_shortcut_share.bottleneck_name,
    unit_shortcut_share.definition,
    unit_shortcut_share.image_source,
    count(*) as channel_count,
    count(*) filter (where unit_shortcut_share.image_count > 0) as measured_channel_count,
    count(*) filter (where unit_shortcut_share.is_dead) as dead_channel_count,
    count(*) filter (where unit_shortcut_share.shortcut_share > threshold) as above_count,
    above_count / nullif(measured_channel_count, 0) as above_share,
    above_count / nullif(measured_channel_count - dead_channel_count, 0) as living_above_share,
    avg(unit_shortcut_share.shortcut_share) as shortcut_share_mean,
    median(unit_shortcut_share.shortcut_share) as shortcut_share_median,
    avg(unit_shortcut_share.cosine_similarity) as cosine_similarity_mean,
    any_value(threshold::double) as shortcut_share_threshold,
from unit_shortcut_share
group by
    unit_shortcut_share.run_id,
    unit_shortcut_share.model_name,
    unit_shortcut_share.pretrained_tag,
    unit_shortcut_share.bottleneck_name,
    unit_shortcut_share.definition,
    unit_shortcut_share.image_source;
comment on macro table bottleneck_learning_above is 'Channels of each bottleneck whose shortcut share is above a threshold.';
