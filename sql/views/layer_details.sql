-- Which layers are there, and where does Microscope show them? One row per model and layer.
-- Source: definitions.md section 1. It shows OpenAI's own weights alone, which are known as in published_models.
create or replace view layer_details as
select
    layers.layer_id,
    models.model_id,
    models.model_name,
    models.pretrained_tag,
    layers.layer_name,
    layers.block_index,
    layers.bottleneck_index,
    layers.op_index,
    layers.layer_order,
    layers.layer_kind,
    layers.module_path,
    layers.channel_count,
    layers.map_height,
    layers.map_width,
    layers.microscope_layer,
    case
        when not (
            models.pretrained_tag = 'openai'
            or ends_with(models.pretrained_tag, '/' || regexp_replace(models.model_name, '-quickgelu$', '') || '.pt')
            or contains(models.pretrained_tag, '_clip.openai/')
        ) then null
        when models.model_name in ('RN50', 'RN50-quickgelu') then 'contrastive_rn50'
        when models.model_name in ('RN101', 'RN101-quickgelu') then 'contrastive_v2'
        when models.model_name in ('RN50x4', 'RN50x4-quickgelu') then 'contrastive_4x'
        when models.model_name in ('RN50x16', 'RN50x16-quickgelu') then 'contrastive_16x'
    end as microscope_model,
from layers
inner join models on layers.model_id = models.model_id;
comment on view layer_details is 'Layers with their model and their names on OpenAI Microscope.';
comment on column layer_details.layer_id is 'Layer.';
comment on column layer_details.model_id is 'Model.';
comment on column layer_details.model_name is 'Model''s name.';
comment on column layer_details.pretrained_tag is 'Where its weights came from.';
comment on column layer_details.layer_name is 'Address block/bottleneck/index.';
comment on column layer_details.block_index is 'Block, from 1.';
comment on column layer_details.bottleneck_index is 'Bottleneck inside its block, from 0.';
comment on column layer_details.op_index is 'OpenAI Microscope''s op number.';
comment on column layer_details.layer_order is 'Position in the order in which the network runs.';
comment on column layer_details.layer_kind is 'conv, relu or shortcut.';
comment on column layer_details.module_path is 'open_clip module.';
comment on column layer_details.channel_count is 'Number of units.';
comment on column layer_details.map_height is 'Height of the map, positions.';
comment on column layer_details.map_width is 'Width of the map, positions.';
comment on column layer_details.microscope_layer is 'Layer part of a Microscope address.';
comment on column layer_details.microscope_model is 'Model part of a Microscope address; null where Microscope has no such model, as for random weights.';
