-- Which two units add up to a unit of a block's output? One row per unit of index 6 or 8.
-- Source: definitions.md section 5: the residual unit is index 5; the shortcut unit is index 7 in a block's first
-- bottleneck, else the previous bottleneck's output; all of the same channel.
create or replace view unit_branches as
select
    units.unit_id,
    units.unit_name,
    layers.model_id,
    layers.block_index,
    layers.bottleneck_index,
    layers.block_index || '/' || layers.bottleneck_index as bottleneck_name,
    units.channel_index,
    shortcut_units.unit_id as shortcut_unit_id,
    shortcut_units.unit_name as shortcut_unit,
    residual_units.unit_id as residual_unit_id,
    residual_units.unit_name as residual_unit,
from units
inner join layers on units.layer_id = layers.layer_id
left join layers as shortcut_layers
    on layers.model_id = shortcut_layers.model_id
    and layers.block_index = shortcut_layers.block_index
    and (
        (
            layers.op_index = 8
            and shortcut_layers.bottleneck_index = layers.bottleneck_index
            and shortcut_layers.op_index = 7
        )
        or (
            layers.op_index = 6
            and shortcut_layers.bottleneck_index = layers.bottleneck_index - 1
            and shortcut_layers.op_index in (6, 8)
        )
    )
left join units as shortcut_units
    on shortcut_layers.layer_id = shortcut_units.layer_id and units.channel_index = shortcut_units.channel_index
left join layers as residual_layers
    on layers.model_id = residual_layers.model_id
    and layers.block_index = residual_layers.block_index
    and layers.bottleneck_index = residual_layers.bottleneck_index
    and residual_layers.op_index = 5
left join units as residual_units
    on residual_layers.layer_id = residual_units.layer_id and units.channel_index = residual_units.channel_index
where layers.op_index in (6, 8);
comment on view unit_branches is 'Units of blocks'' outputs with the units of their two branches.';
comment on column unit_branches.unit_id is 'Unit of the block''s output.';
comment on column unit_branches.unit_name is 'Its address.';
comment on column unit_branches.model_id is 'Model.';
comment on column unit_branches.block_index is 'Block, from 1.';
comment on column unit_branches.bottleneck_index is 'Bottleneck inside its block, from 0.';
comment on column unit_branches.bottleneck_name is 'Address of the bottleneck, block/bottleneck.';
comment on column unit_branches.channel_index is 'Channel, from 0.';
comment on column unit_branches.shortcut_unit_id is 'Unit of the shortcut.';
comment on column unit_branches.shortcut_unit is 'Its address.';
comment on column unit_branches.residual_unit_id is 'Unit of the last convolution.';
comment on column unit_branches.residual_unit is 'Its address.';
