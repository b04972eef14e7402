-- What is this unit, and where is its Microscope page? One row per model and unit.
-- Source: definitions.md section 1. Microscope shows OpenAI's weights only; the site may be gone.
create or replace view unit_details as
select
    units.unit_id,
    layer_details.layer_id,
    layer_details.model_id,
    layer_details.model_name,
    layer_details.pretrained_tag,
    units.unit_name,
    layer_details.layer_name,
    layer_details.block_index,
    layer_details.bottleneck_index,
    layer_details.op_index,
    units.channel_index,
    layer_details.layer_order,
    layer_details.layer_kind,
    layer_details.channel_count,
    layer_details.map_height,
    layer_details.map_width,
    units.batch_norm_scale,
    units.batch_norm_shift,
    'https://microscope.openai.com/models/' || layer_details.microscope_model || '/'
    || layer_details.microscope_layer || '/' || units.channel_index as microscope_url,
from units
inner join layer_details on units.layer_id = layer_details.layer_id;
comment on view unit_details is 'Units with their layer and model.';
comment on column unit_details.unit_id is 'Unit.';
comment on column unit_details.layer_id is 'Layer.';
comment on column unit_details.model_id is 'Model.';
comment on column unit_details.model_name is 'Model''s name.';
comment on column unit_details.pretrained_tag is 'Where its weights came from.';
comment on column unit_details.unit_name is 'Address block/bottleneck/index/channel.';
comment on column unit_details.layer_name is 'Address of its layer.';
comment on column unit_details.block_index is 'Block, from 1.';
comment on column unit_details.bottleneck_index is 'Bottleneck inside its block, from 0.';
comment on column unit_details.op_index is 'OpenAI Microscope''s op number.';
comment on column unit_details.channel_index is 'Channel inside its layer, from 0.';
comment on column unit_details.layer_order is 'Position of its layer in the order in which the network runs.';
comment on column unit_details.layer_kind is 'conv, relu or shortcut.';
comment on column unit_details.channel_count is 'Number of units in its layer.';
comment on column unit_details.map_height is 'Height of its map, positions.';
comment on column unit_details.map_width is 'Width of its map, positions.';
comment on column unit_details.batch_norm_scale is 's of its batch norm; 1 for index 6 and 8.';
comment on column unit_details.batch_norm_shift is 'Shift of its batch norm; 0 for index 6 and 8.';
comment on column unit_details.microscope_url is 'Its page on OpenAI Microscope; null where Microscope has no such model.';
