-- How many channels of a bottleneck get more than 90 % from the shortcut? One row per run, bottleneck and definition.
-- Source: definitions.md section 5; the article's threshold. For another threshold: from bottleneck_learning_above(0.5).
create or replace view bottleneck_learning as
select
    learning.run_id,
    learning.model_name,
    learning.pretrained_tag,
    learning.bottleneck_name,
    learning.definition,
    learning.image_source,
    learning.channel_count,
    learning.measured_channel_count,
    learning.dead_channel_count,
    learning.above_count,
    learning.above_share,
    learning.living_above_share,
    learning.shortcut_share_mean,
    learning.shortcut_share_median,
    learning.cosine_similarity_mean,
from bottleneck_learning_above(0.9) as learning;
comment on view bottleneck_learning is 'Share of each bottleneck''s channels that get more than 90 % from the shortcut.';
comment on column bottleneck_learning.run_id is 'Shares run.';
comment on column bottleneck_learning.model_name is 'Model.';
comment on column bottleneck_learning.pretrained_tag is 'Where its weights came from.';
comment on column bottleneck_learning.bottleneck_name is 'Address of the bottleneck, block/bottleneck.';
comment on column bottleneck_learning.definition is 'published: raw convolution outputs, as in the article; added: batch-norm outputs.';
comment on column bottleneck_learning.image_source is 'features or examples.';
comment on column bottleneck_learning.channel_count is 'Channels of the bottleneck''s output.';
comment on column bottleneck_learning.measured_channel_count is 'Channels with an image.';
comment on column bottleneck_learning.dead_channel_count is 'Channels whose shortcut is zero on every image.';
comment on column bottleneck_learning.above_count is 'Channels whose share is above 0.9.';
comment on column bottleneck_learning.above_share is 'above_count over the measured channels; dead ones count as not above, as in the article.';
comment on column bottleneck_learning.living_above_share is 'above_count over the measured channels that are not dead.';
comment on column bottleneck_learning.shortcut_share_mean is 'Mean share over channels.';
comment on column bottleneck_learning.shortcut_share_median is 'Median share over channels.';
comment on column bottleneck_learning.cosine_similarity_mean is 'Mean cosine over channels.';
