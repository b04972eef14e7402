-- How much of a unit of a block's output comes from the shortcut? One row per run, unit and definition.
-- Source: definitions.md section 5; the shares job. A run has one image source: the newest run on examples and the newest run
-- on features are both shown.
create or replace view unit_shortcut_share as
select
    residual_shares.run_id,
    models.model_name,
    models.pretrained_tag,
    residual_shares.unit_id,
    unit_branches.unit_name,
    unit_branches.bottleneck_name,
    unit_branches.block_index,
    unit_branches.bottleneck_index,
    unit_branches.channel_index,
    residual_shares.definition,
    residual_shares.image_source,
    residual_shares.image_count,
    residual_shares.shortcut_share,
    residual_shares.shortcut_share_deviation,
    residual_shares.cosine_similarity,
    residual_shares.shortcut_norm,
    residual_shares.residual_norm,
    case when residual_shares.image_count > 0 then residual_shares.shortcut_norm = 0 end as is_dead,
    unit_branches.shortcut_unit_id,
    unit_branches.shortcut_unit,
    unit_branches.residual_unit_id,
    unit_branches.residual_unit,
from residual_shares
inner join shown_runs on residual_shares.run_id = shown_runs.run_id
inner join unit_branches on residual_shares.unit_id = unit_branches.unit_id
inner join models on unit_branches.model_id = models.model_id;
comment on view unit_shortcut_share is 'Shortcut share of units of blocks'' outputs, with the units of both branches.';
comment on column unit_shortcut_share.run_id is 'Shares run.';
comment on column unit_shortcut_share.model_name is 'Model.';
comment on column unit_shortcut_share.pretrained_tag is 'Where its weights came from.';
comment on column unit_shortcut_share.unit_id is 'Unit of the block''s output.';
comment on column unit_shortcut_share.unit_name is 'Its address.';
comment on column unit_shortcut_share.bottleneck_name is 'Address of its bottleneck, block/bottleneck.';
comment on column unit_shortcut_share.block_index is 'Block, from 1.';
comment on column unit_shortcut_share.bottleneck_index is 'Bottleneck inside its block, from 0.';
comment on column unit_shortcut_share.channel_index is 'Channel, from 0.';
comment on column unit_shortcut_share.definition is 'published: raw convolution outputs, as in the article; added: batch-norm outputs, what the network actually adds.';
comment on column unit_shortcut_share.image_source is 'features: the unit''s feature visualisation; examples: its top pictures.';
comment on column unit_shortcut_share.image_count is 'Images averaged over; 0 when the unit has none.';
comment on column unit_shortcut_share.shortcut_share is 'Shortcut''s norm over the sum of both norms, averaged over the images; null when both are 0 or there is no image.';
comment on column unit_shortcut_share.shortcut_share_deviation is 'Its standard deviation over the images; null for fewer than two.';
comment on column unit_shortcut_share.cosine_similarity is 'Cosine of the two maps, averaged; null where one is 0.';
comment on column unit_shortcut_share.shortcut_norm is 'L2 norm of the shortcut''s map, averaged.';
comment on column unit_shortcut_share.residual_norm is 'L2 norm of the residual branch''s map, averaged.';
comment on column unit_shortcut_share.is_dead is 'Whether the shortcut is zero on every image, which the article calls a dead channel; null without an image.';
comment on column unit_shortcut_share.shortcut_unit_id is 'Unit that the shortcut brings.';
comment on column unit_shortcut_share.shortcut_unit is 'Its address.';
comment on column unit_shortcut_share.residual_unit_id is 'Unit that the convolutions bring.';
comment on column unit_shortcut_share.residual_unit is 'Its address.';
