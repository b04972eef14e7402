-- Which tensors of a model are measured? One row per layer, block/bottleneck/index.
-- Source: definitions.md section 1; ingest/network/layers.py.
create table if not exists layers (
    layer_id integer primary key,
    model_id integer not null,
    layer_name text not null,
    block_index integer not null,
    bottleneck_index integer not null,
    op_index integer not null,
    layer_order integer not null,
    layer_kind text not null,
    module_path text not null,
    channel_count integer not null,
    map_height integer not null,
    map_width integer not null,
    microscope_layer text not null,
    unique (model_id, layer_name),
);
comment on table layers is 'One row per layer of a model.';
comment on column layers.layer_id is 'Key.';
comment on column layers.model_id is 'Model the layer belongs to.';
comment on column layers.layer_name is 'Address block/bottleneck/index, for example 4/2/6.';
comment on column layers.block_index is 'Block, from 1 (open_clip''s layer1 to layer4).';
comment on column layers.bottleneck_index is 'Bottleneck inside its block, from 0.';
comment on column layers.op_index is 'OpenAI Microscope''s op number: 1, 3, 5 batch-norm outputs of the three convolutions; 6 or 8 the block output after the ReLU; 7 the downsample shortcut.';
comment on column layers.layer_order is 'Position in the order in which the network runs, from 0.';
comment on column layers.layer_kind is 'conv (1, 3, 5), relu (6, 8) or shortcut (7), as the article names them.';
comment on column layers.module_path is 'open_clip module inside the vision side whose output it is; for 6 and 8 the whole bottleneck.';
comment on column layers.channel_count is 'Number of channels; each channel is a unit.';
comment on column layers.map_height is 'Height of the map at the model''s image size, positions.';
comment on column layers.map_width is 'Width of the map at the model''s image size, positions.';
comment on column layers.microscope_layer is 'Layer part of an OpenAI Microscope address.';
